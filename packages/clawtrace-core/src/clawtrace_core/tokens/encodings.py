"""Token encodings that can be had without a network: their rank files, where they may lie, and their patterns.

tiktoken downloads a rank file it does not find, and one whose hash is wrong. So its loader is not used: the file is
found, checked and read here, and handed to `tiktoken.Encoding`. Nothing is ever fetched, no setting is changed.
"""

import base64
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol


class Encoding(Protocol):
    """What is used of `tiktoken.Encoding`."""

    def encode_ordinary(self, text: str) -> list[int]:
        """The tokens of a text in which no special token has a meaning."""


@dataclass(frozen=True, slots=True)
class RankFile:
    """One encoding, as published by OpenAI and described in `tiktoken_ext/openai_public.py` (tiktoken 0.14, MIT)."""

    name: str
    sha256: str
    pattern: str

    @property
    def file(self) -> str:
        """The file's name in a tiktoken cache: the SHA-1 of the address it comes from."""
        address = f"https://openaipublic.blob.core.windows.net/encodings/{self.name}.tiktoken"
        return hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()


_O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}",
    r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
    r"\s*[\r\n]+",
    r"\s+(?!\S)",
    r"\s+",
)
_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
RANK_FILES: Mapping[str, RankFile] = {
    file.name: file
    for file in (
        RankFile("o200k_base", "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d", "|".join(_O200K)),
        RankFile("cl100k_base", "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7", _CL100K),
    )
}
# Its own special tokens apart, which plain text never holds, harmony is o200k.
_SAME_RANKS = {"o200k_harmony": "o200k_base"}


def encoding_of(model: str) -> str | None:
    """The name of the encoding a model of OpenAI uses; None for all others, and without tiktoken."""
    try:
        from tiktoken.model import encoding_name_for_model  # noqa: PLC0415  an optional extra
    except ImportError:
        return None
    try:
        name = encoding_name_for_model(model.rsplit("/", 1)[-1].lower())
    except KeyError:
        return None
    return _SAME_RANKS.get(name, name)


def load_encoding(name: str, folder: Path | None = None) -> Encoding | None:
    """The encoding, from `folder` or a place tiktoken or LlamaIndex keeps it in; None when it is not at hand."""
    rank_file = RANK_FILES.get(name)
    if rank_file is None:
        return None
    for place in _folders(folder):
        encoding = _read(place / rank_file.file, rank_file)
        if encoding is not None:
            return encoding
    return None


def _folders(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if place := os.environ.get(variable):
            yield Path(place)
    yield Path(tempfile.gettempdir()) / "data-gym-cache"
    # llama-index-core ships both files; a namespace package is looked up without importing it.
    spec = find_spec("llama_index")
    for root in (spec.submodule_search_locations or ()) if spec is not None else ():
        yield Path(root) / "core" / "_static" / "tiktoken_cache"


@cache
def _read(path: Path, rank_file: RankFile) -> Encoding | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    if hashlib.sha256(content).hexdigest() != rank_file.sha256:
        return None
    try:
        import tiktoken  # noqa: PLC0415  an optional extra
    except ImportError:
        return None
    ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, content.splitlines()) if token}
    return tiktoken.Encoding(rank_file.name, pat_str=rank_file.pattern, mergeable_ranks=ranks, special_tokens={})
