"""Training logs: one JSON object a line, and the same line on the terminal."""

import json
import time
from pathlib import Path
from typing import Any


class Log:
    """Appends records to a file as they come."""

    def __init__(self, path: Path, **common: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("w", encoding="utf-8")
        self.common = common
        self.start = time.monotonic()

    def elapsed(self) -> float:
        """Seconds since the log was opened."""
        return time.monotonic() - self.start

    def write(self, **record: Any) -> None:
        line = json.dumps({**self.common, **record, "seconds": round(self.elapsed(), 1)})
        self.file.write(line + "\n")
        self.file.flush()
        print(line, flush=True)
