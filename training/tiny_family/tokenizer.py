"""The byte-level BPE tokenizer of the family: Qwen2.5's scheme with a vocabulary of 512."""

import re
from pathlib import Path
from random import Random

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from .samples import KINDS, make_sample

VOCABULARY = 512
SPECIAL_TOKENS = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>",
    "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
]
FIRST_SPECIAL = VOCABULARY - len(SPECIAL_TOKENS)
TOKEN_ID = {token: FIRST_SPECIAL + i for i, token in enumerate(SPECIAL_TOKENS)}
END, PAD, IMAGE = TOKEN_ID["<|im_end|>"], TOKEN_ID["<|endoftext|>"], TOKEN_ID["<|image_pad|>"]

# How Qwen2's tokenizer cuts text: contractions, words, single digits, punctuation, white space.
PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CORPUS_SAMPLES = 12_000


def _corpus():
    rng = Random("tokenizer")
    for i in range(_CORPUS_SAMPLES):
        sample = make_sample(rng, KINDS[i % len(KINDS)])
        text = re.sub(r"<\|\w+\|>", "", sample.prompt + sample.response)
        # Words to be read off images are random letters: learning them as pieces would be noise.
        yield re.sub(r"\b[A-Z]{2,4}\b", "", text)


def train_tokenizer(path: Path) -> Tokenizer:
    """Learns the merges from samples of every kind and writes tokenizer.json."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(PIECES), "isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_only])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=FIRST_SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[],
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    size = tokenizer.get_vocab_size()
    if size != FIRST_SPECIAL:
        raise ValueError(f"Cannot use a vocabulary of {size} tokens: expected {FIRST_SPECIAL}.")
    tokenizer.add_special_tokens(SPECIAL_TOKENS)
    tokenizer.save(str(path))
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """Reads tokenizer.json and checks that the special tokens are where the model expects them."""
    tokenizer = Tokenizer.from_file(str(path))
    for token, number in TOKEN_ID.items():
        if tokenizer.token_to_id(token) != number:
            raise ValueError(f"{path}: {token} is token {tokenizer.token_to_id(token)}, expected {number}.")
    return tokenizer
