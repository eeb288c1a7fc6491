/**
 * What a chart says and shows, as data: panels with axes, bands and series, labels of rows, notes.
 *
 * @module
 */
import type * as Plot from "@observablehq/plot";
import type { Bands } from "./bands.ts";
import type { FigureOptions, FigureParts } from "./compose_figure.ts";
import type { Point } from "./points.ts";
import type { SeriesStyle } from "./theme.ts";

/** An axis: a scale of axes.ts or any domain, and its label. */
export interface Axis {
  readonly domain: readonly [number, number];
  readonly type?: "linear" | "log";
  /** Whole numbers, as many as there is room for, by default. */
  readonly ticks?: readonly number[];
  /** Text at a tick; `perX` is how many CSS pixels a unit of the x axis has. */
  readonly format?: (tick: number, perX: number) => string;
  /** What is added to the label: " (×10⁻³)". */
  readonly unit?: string;
  /** Drawn once where panels beside or under one another have the same. */
  readonly label?: string;
  /** Whether lines are drawn at the ticks; by default at those of the y axis. */
  readonly grid?: boolean;
}

/** Points of one line. */
export interface Series {
  readonly style: SeriesStyle;
  /** From left to right; a line stops where `piece` changes. */
  readonly points: readonly (Point & { readonly piece?: string })[];
  /** Whether points have markers; true by default. */
  readonly markers?: boolean;
  /** Points that are hollow, whatever the style's marker; none by default. */
  readonly hollow?: (point: Point) => boolean;
}

/** A value that all of a panel is compared with: a dashed line and, around it, its interval. */
export interface Reference extends Omit<Point, "x"> {
  readonly label: string;
}

/** Size of a panel's plotting area. */
export interface Room {
  /** CSS pixels from edge to edge. */
  readonly width: number;
  /** CSS pixels of one unit of the x axis, where that is linear. */
  readonly perX: number;
  /** CSS pixels from the top of the rows to each row's middle, by the row's key. */
  readonly rowAt: (key: string) => number;
}

/** Marks of Observable Plot, or a function that makes them for the room that there is. */
export type Marks = readonly Plot.Markish[] | ((room: Room) => readonly Plot.Markish[]);

/** Texts at the right of a panel's rows. */
export interface TextColumn {
  readonly heading: string;
  readonly cells: ReadonlyMap<string, string>;
}

/** A name over a place on the x axis. */
export interface PlaceLabel {
  readonly text: string;
  readonly value: number;
  readonly color: string;
}

/** One panel. */
export interface PanelSpec {
  /** Bold line above: the first of these that fits, or the last one in several lines. */
  readonly heading?: readonly string[];
  /** Smaller text below the heading. */
  readonly text?: string;
  readonly x: Axis;
  /** None where the chart has rows, which are the y axis then. */
  readonly y?: Axis;
  /** Height of the plotting area in CSS pixels; rows have their own. */
  readonly height?: number;
  readonly bands?: Bands;
  readonly series?: readonly Series[];
  readonly reference?: Reference;
  /** Whether y = 0 is drawn. */
  readonly zeroLine?: boolean;
  /** Marks below the frame: cells, bars. */
  readonly ground?: Marks;
  /** Marks between the intervals and the lines. */
  readonly behind?: Marks;
  /** Marks on top of all. */
  readonly marks?: Marks;
  /** Columns of texts at the right of rows. */
  readonly columns?: readonly TextColumn[];
  /** Names over the rows, at places of the x axis. */
  readonly places?: readonly PlaceLabel[];
}

/** A block of a row's strip: parts side by side, each as much of its width as its share. */
export interface Block {
  readonly parts: readonly {
    readonly text: string;
    readonly color: string;
    readonly share: number;
  }[];
  readonly framed?: boolean;
}

/** A row that all panels share. */
export interface RowSpec {
  readonly key: string;
  readonly label: string;
  /** Rows of different groups stand apart. */
  readonly group?: string;
  /** Blocks beside the label. */
  readonly blocks?: readonly Block[];
}

/** A chart. */
export interface ChartSpec extends Omit<FigureParts, "rows" | "legend"> {
  readonly panels: readonly PanelSpec[];
  /** Panels beside one another; all by default, fewer where they would be too narrow. */
  readonly columns?: number;
  /** Rows that the panels share, and what stands over their blocks. */
  readonly rows?: readonly RowSpec[];
  readonly blockHeadings?: readonly string[];
  /** What the intervals of series are, for the legend; none, no entry. */
  readonly interval?: string;
  /** Entries before those of series, intervals and references. */
  readonly legend?: FigureParts["legend"];
  /** Entries after them. */
  readonly legendEnd?: FigureParts["legend"];
  readonly options: FigureOptions;
}
