"""Notebooks are executed by nbmake, once, and what they keep is compared with it; ``--overwrite`` keeps it anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import nbformat
import pytest
from nbmake.nb_run import NotebookRun
from nbmake.pytest_items import NotebookFailedException, NotebookFile, NotebookItem

from tests.kept import keep_absent, noise, settle, stale

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("LAYOUT_PLANNER_REAL_DATA", ROOT.parent / "shared" / "data"))
PLACES = (str(ROOT), str(Path.home()) + os.sep, tempfile.gettempdir() + os.sep)


class KeptNotebookItem(NotebookItem):
    """A notebook, executed from a clean kernel."""

    def runtest(self) -> None:
        option, path = self.config.option, Path(self.filename)
        result = NotebookRun(path, option.nbmake_timeout, kernel=option.nbmake_kernel).execute()
        if result.error is not None:
            raise NotebookFailedException(result)
        kept = nbformat.read(path, as_version=4)
        fresh = keep_absent(settle(result.nb), kept, DATA)
        if found := noise(fresh, PLACES):
            pytest.fail("\n".join(found), pytrace=False)
        if option.overwrite:
            path.write_text(nbformat.writes(fresh) + "\n", encoding="utf-8")
        elif found := stale(kept, fresh):
            pytest.fail("\n".join(["outputs are stale, `make notebooks` keeps them anew:", *found]), pytrace=False)

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, NotebookFailedException):
            return super().repr_failure(excinfo, style)
        return pytest.Item.repr_failure(self, excinfo, style)


class KeptNotebookFile(NotebookFile):
    def collect(self) -> Generator[KeptNotebookItem]:
        yield KeptNotebookItem.from_parent(self, filename=str(self.path))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, list, list]:
    return [
        KeptNotebookFile.from_parent(parent, path=file_path) if isinstance(each, NotebookFile) else each
        for each in (yield)
    ]
