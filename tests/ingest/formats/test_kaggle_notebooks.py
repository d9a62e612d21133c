"""Notebooks by what they import: the real layout of the published files, in small, and their traps."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from adoption.cli.main import main
from adoption.settings import Settings
from ingest.catalog import load_catalog
from ingest.errors import ExtractError
from ingest.formats.kaggle_notebooks import Tally, code_of, count_notebooks, imported_modules, write_counts
from ingest.inbox import try_file
from ingest.sources import load_source

CATALOG = load_catalog(Settings().catalog)
YEAR = (date(2020, 1, 1), date(2021, 1, 1))
KERNEL_COLUMNS = (
    "Id,AuthorUserId,CurrentKernelVersionId,ForkParentKernelVersionId,ForumTopicId,FirstKernelVersionId,CreationDate,"
    "EvaluationDate,MadePublicDate,IsProjectLanguageTemplate,CurrentUrlSlug,Medal,MedalAwardDate,TotalViews,"
    "TotalComments,TotalVotes"
)
VERSION_COLUMNS = "Id,ScriptId,ParentScriptVersionId,ScriptLanguageId,AuthorUserId,CreationDate,VersionNumber,Title"


class Published:
    """A small copy of the two data sets."""

    def __init__(self, folder: Path) -> None:
        self.tables, self.sources = folder / "meta-kaggle", folder / "meta-kaggle-code"
        self.kernels, self.versions = [KERNEL_COLUMNS], [VERSION_COLUMNS]
        self.tables.mkdir()
        self.sources.mkdir()

    def notebook(self, kernel: int, created: str, *versions: int, fork: str = "", public: str = "01/05/2020") -> None:
        self.kernels.append(f"{kernel},7,,{fork},,,{created},,{public},False,slug-{kernel},,,1,0,0")
        for number, version in enumerate(versions, start=1):
            self.versions.append(f'{version},{kernel},,9,7,{created},{number},"A title, with ""quotes"""')

    def code(self, version: int, text: str, language: str = "python") -> None:
        cells = [{"cell_type": "markdown", "source": ["import torch"]}, {"cell_type": "code", "source": text}]
        content = {"metadata": {"kernelspec": {"language": language}}, "cells": cells}
        self.path(version, ".ipynb").write_text(json.dumps(content), encoding="utf-8")

    def path(self, version: int, suffix: str) -> Path:
        digits = str(version).zfill(10)
        path = self.sources / digits[:4] / digits[4:7] / f"{version}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def count(self, with_forks: bool = False) -> Tally:
        for name, lines in (("Kernels.csv", self.kernels), ("KernelVersions.csv", self.versions)):
            (self.tables / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return count_notebooks(self.tables, self.sources, CATALOG, *YEAR, with_forks)


@pytest.fixture
def published(tmp_path: Path) -> Published:
    return Published(tmp_path)


def test_a_notebook_counts_once_in_the_month_it_was_created(published: Published) -> None:
    published.notebook(1, "01/31/2020 23:59:59", 1_230_000_001, 1_230_000_009)
    published.code(1_230_000_001, "import torch\nimport numpy as np")
    published.code(1_230_000_009, "import tensorflow as tf")
    published.notebook(2, "02/01/2020 00:00:00", 5)
    published.code(5, "from tensorflow.keras import layers\nimport keras, jax.numpy as jnp")
    tally = published.count()
    assert tally.by_month == {
        date(2020, 1, 1): {"torch": 1},
        date(2020, 2, 1): {"tensorflow": 1, "keras": 1, "jax": 1},
    }
    assert (tally.notebooks, tally.unreadable) == (2, 0)


def test_the_earliest_version_with_published_source_is_read(published: Published) -> None:
    published.notebook(1, "03/01/2020 10:00:00", 30, 20, 10)
    published.code(30, "import torch")
    published.path(20, ".py").write_text("import chainer\n", encoding="utf-8")
    assert published.count().by_month == {date(2020, 3, 1): {"chainer": 1}}


def test_forks_private_notebooks_and_other_years_are_left_out(published: Published) -> None:
    for kernel, created, fork, public in (
        (1, "03/01/2020 10:00:00", "77", "03/02/2020"),
        (2, "03/01/2020 10:00:00", "", ""),
        (3, "12/31/2019 23:59:59", "", "03/02/2020"),
        (4, "01/01/2021 00:00:00", "", "03/02/2020"),
        (5, "03/01/2020", "", "03/02/2020"),
    ):
        published.notebook(kernel, created, kernel, fork=fork, public=public)
        published.code(kernel, "import torch")
    assert published.count().by_month == {date(2020, 3, 1): {"torch": 1}}
    assert published.count(with_forks=True).by_month == {date(2020, 3, 1): {"torch": 2}}


def test_what_cannot_be_read_is_not_known_and_no_zero(published: Published, tmp_path: Path) -> None:
    published.notebook(1, "03/01/2020 10:00:00", 1)
    published.notebook(2, "04/01/2020 10:00:00", 2)
    published.code(2, "library(torch)", language="R")
    published.notebook(3, "05/01/2020 10:00:00", 3)
    published.code(3, "import pandas")
    published.notebook(4, "05/01/2020 10:00:00")
    tally = published.count()
    assert (tally.notebooks, tally.unreadable) == (4, 3)
    rows = write_counts(tally, CATALOG, tmp_path / "counts.csv")
    with (tmp_path / "counts.csv").open(encoding="utf-8", newline="") as handle:
        written = list(csv.DictReader(handle))
    assert len(written) == rows == 12
    assert {(row["period_start"], row["period_end"], row["count"]) for row in written} == {
        ("2020-05-01", "2020-06-01", "0")
    }


def test_what_is_written_is_the_documented_form(published: Published, tmp_path: Path) -> None:
    published.notebook(1, "12/01/2020 10:00:00", 1)
    published.code(1, "import torch")
    write_counts(published.count(), CATALOG, tmp_path / "counts.csv")
    now = datetime(2026, 11, 24, tzinfo=UTC)
    trial = try_file(tmp_path / "counts.csv", load_source("meta_kaggle"), CATALOG, now)
    assert trial.problems == ()
    assert trial.fetch is not None
    assert (trial.fetch.scope.table, trial.fetch.scope.period_start) == ("counts", date(2020, 12, 1))
    assert trial.rows == 12


@pytest.mark.parametrize(
    ("line", "modules"),
    [
        ("import torch", {"torch"}),
        ("    import torch.nn as nn, keras", {"torch", "keras"}),
        ("from torch.utils.data import DataLoader", {"torch"}),
        ("import torch; import keras", {"torch", "keras"}),
        ("import pytorch_lightning", {"pytorch_lightning"}),
        ("# import torch", set()),
        ("print('import torch')", set()),
        ("!pip install torch", set()),
        ("import numpy # import torch", {"numpy"}),
        ("from . import torch", set()),
        ("important = torch", set()),
    ],
)
def test_imports_are_read_line_by_line(line: str, modules: set[str]) -> None:
    assert imported_modules(f"x = 1\n{line}\n") == modules


@pytest.mark.parametrize("text", ["not json", "[]", '{"cells": [{"source": "x"}]}', "{}"])
def test_a_broken_notebook_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "1.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExtractError, match=r"1\.ipynb: not a notebook"):
        code_of(path)


def test_other_files_than_kaggles_are_refused(published: Published) -> None:
    published.notebook(1, "2020-03-01", 1)
    with pytest.raises(ExtractError, match=r"Kernels\.csv: notebook 1: CreationDate '2020-03-01'; expected MM/DD/YYYY"):
        published.count()
    (published.tables / "KernelVersions.csv").unlink()
    with pytest.raises(ExtractError, match=r"no such file; expected Meta Kaggle's KernelVersions\.csv"):
        count_notebooks(published.tables, published.sources, CATALOG, *YEAR)
    published.kernels = ["Id,CreationDate", "1,03/01/2020"]
    with pytest.raises(ExtractError, match=r"Kernels\.csv, line 1: columns missing: MadePublicDate, ForkParent"):
        published.count()


def test_without_the_sources_nothing_is_countable(published: Published) -> None:
    published.sources.rmdir()
    with pytest.raises(ExtractError, match="expected the sources of Meta Kaggle Code"):
        published.count()


def test_the_command_drops_the_counts_into_the_inbox(published: Published, tmp_path: Path) -> None:
    published.notebook(1, "12/01/2020 10:00:00", 1)
    published.notebook(2, "12/01/2020 10:00:00", 2)
    published.code(1, "import torch")
    published.count()
    folders = [str(published.tables), str(published.sources)]
    months = ["--from", "2020-12", "--to", "2020-12"]
    command = ["--data", str(tmp_path / "data"), "inbox", "count-notebooks", *folders, *months]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    message = "2 public notebooks that are no forks; 1 could be read, 1 have no source in Python here"
    assert message in " ".join(result.output.split())
    dropped = tmp_path / "data" / "inbox" / "meta_kaggle" / "notebooks_2020-12_2020-12.csv"
    assert "PyTorch,2020-12-01,2021-01-01,1\n" in dropped.read_text(encoding="utf-8")
    nothing = CliRunner().invoke(main, [*command[:-4], "--from", "2019-12", "--to", "2019-12"])
    assert nothing.exit_code == 1
    assert "nothing was counted" in nothing.output
