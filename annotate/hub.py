"""A folder -> a data set repository on the Hugging Face Hub, or on a server that speaks like it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotate.errors import AnnotateError

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, HfApi

HUB = "https://huggingface.co"
TOKEN = "HF_TOKEN"  # the name of a variable
_REFUSED = re.compile(r"--|\.\.|[.-](/|$)|\.git$")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upload:
    """What goes, or would go, to the Hub. repository: OWNER/NAME. endpoint: address of the server.

    files: (path inside the repository, bytes), by path. private: whether only its owner may see it.
    """

    folder: Path
    repository: str
    endpoint: str
    private: bool
    files: tuple[tuple[str, int], ...]

    @property
    def address(self) -> str:
        return f"{self.endpoint}/datasets/{self.repository}"


def upload_of(
    folder: Path, repository: str, *, private: bool = True, endpoint: str = HUB
) -> Upload:
    """What a push of this folder would send; nothing is sent. Files whose name begins with a dot
    stay. Raises AnnotateError for a name that is none, or an empty folder."""
    check_repository(repository)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [(path.relative_to(folder).as_posix(), path.stat().st_size) for path in paths]
    files = tuple(one for one in named if not _hidden(one[0]))
    if not files:
        raise AnnotateError(f"{folder} has no files to push: export into it first")
    return Upload(folder, repository, endpoint.rstrip("/"), private, files)


def push(upload: Upload, *, token: str | None) -> str:
    """Send it, as one commit; makes the repository where there is none. The commit's address.

    Raises AnnotateError without a token or the library, when the server refuses, and for a public
    repository that was meant to be private: what is in it cannot be called back.
    """
    api = _api(upload.endpoint, require_token(token))
    with _refusals(upload):
        api.create_repo(
            upload.repository, repo_type="dataset", private=upload.private, exist_ok=True
        )
        known = api.repo_info(upload.repository, repo_type="dataset")
        if upload.private and not known.private:
            raise AnnotateError(
                f"{upload.address} is public, so that everybody would see this: say --public, "
                "make it private there, or name another repository"
            )
        made = api.create_commit(
            upload.repository,
            _added(upload),
            repo_type="dataset",
            commit_message="Labels from coannotate",
        )
    return str(made.commit_url)


def check_repository(name: str) -> None:
    """Raises AnnotateError for what is no OWNER/NAME."""
    if not _REPOSITORY.fullmatch(name) or _REFUSED.search(name):
        raise AnnotateError(
            f"{name!r} is no repository: write OWNER/NAME, letters, digits and . _ - on both "
            "sides, none of . and - twice or at an end, and no .git, as in mary/support-topics"
        )


def require_token(token: str | None) -> str:
    """The token; raises AnnotateError without one."""
    if not token:
        raise AnnotateError(
            f"{TOKEN} is not set: make a token with the right to write at {HUB}/settings/tokens, "
            "and put it into that environment variable"
        )
    return token


def _added(upload: Upload) -> list[CommitOperationAdd]:
    """One commit of them all: `upload_folder` would make several, and readers see halves."""
    from huggingface_hub import CommitOperationAdd

    return [CommitOperationAdd(path, upload.folder / path) for path, _ in upload.files]


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))


def _api(endpoint: str, token: str) -> HfApi:
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.utils.tqdm import disable_progress_bars
    except ModuleNotFoundError as error:
        raise AnnotateError(
            "huggingface_hub is not installed: `pip install 'coannotate[hub]'`, or upload the "
            "folder by hand"
        ) from error
    disable_progress_bars()
    return HfApi(endpoint=endpoint, token=token)


@contextmanager
def _refusals(upload: Upload) -> Iterator[None]:
    """What the server or the line says, as an error that somebody can do something about. The
    library wraps what goes wrong with large files in RuntimeError."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError

    try:
        yield
    except HfHubHTTPError as error:
        raise AnnotateError(_refused(upload, error)) from error
    except (httpx2.HTTPError, OSError, RuntimeError, ValueError) as error:
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise AnnotateError(
            f"the push to {upload.address} did not go through ({said}). Nothing is half there: try "
            "again, or upload the files by hand"
        ) from error


def _refused(upload: Upload, error: Any) -> str:
    status = getattr(error.response, "status_code", None)
    if status == 401:
        return f"{upload.endpoint} does not know the token in {TOKEN}: make a new one there"
    if status == 403:
        return (
            f"the token in {TOKEN} may not write to {upload.repository}: make one with the right "
            "to write there, or name a repository of your own"
        )
    said = error.server_message or str(error).partition("\n")[0]
    return f"{upload.endpoint} refused ({status}): {said}"
