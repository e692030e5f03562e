"""`coannotate export hf_dataset --push-to-hub OWNER/NAME`: told first, sent with --really."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from annotate.errors import AnnotateError
from annotate.hub import HUB, TOKEN, check_repository, push, require_token, upload_of
from app.cli.output import say, table
from app.config import Config

FORMAT = "hf_dataset"


@contextmanager
def place(arguments: Namespace, config: Config) -> Iterator[Path]:
    """Where the export goes: a folder that is gone afterwards where it is only to be pushed.

    Raises AnnotateError before anything is read, for what could not be pushed in the end.
    """
    if arguments.push_to_hub is None:
        if arguments.really or arguments.public:
            raise AnnotateError("--really and --public are for --push-to-hub OWNER/NAME: add it")
        yield arguments.out
        return
    _check(arguments, config)
    if arguments.out is not None:
        yield arguments.out
        return
    with TemporaryDirectory(prefix="coannotate-push-") as folder:
        yield Path(folder) / FORMAT


def _check(arguments: Namespace, config: Config) -> None:
    if arguments.format != FORMAT:
        raise AnnotateError(
            f"{arguments.format} is no data set of the Hub: push {FORMAT}, which has the labels, "
            "training data and the data card in it"
        )
    if arguments.out is not None and arguments.out.suffix.lower() == ".zip":
        raise AnnotateError(f"{arguments.out} is a zip: name a folder, or leave -o out")
    check_repository(arguments.push_to_hub)
    if arguments.really:
        require_token(config.key(TOKEN))


def push_to_hub(arguments: Namespace, folder: Path, config: Config) -> None:
    """Tell what is in the folder and where it would go; with --really, send it."""
    upload = upload_of(
        folder,
        arguments.push_to_hub,
        private=not arguments.public,
        endpoint=config.key("HF_ENDPOINT") or HUB,
    )
    table([{"file": path, "bytes": f"{size:,}"} for path, size in upload.files])
    seen = "for its owner alone" if upload.private else "for everybody"
    if not arguments.really:
        say(f"would go to {upload.address}, {seen}; nothing was sent: add --really")
        return
    say(f"sent to {upload.address}, {seen}: {push(upload, token=config.key(TOKEN))}")
