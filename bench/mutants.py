"""Changes one thing in the SQL of a model at a time, and counts which changes the tests of dbt notice.

    python -m bench.mutants [--data DIR] [--number 120] [--seed 1] [--models PATTERN]

Belongs here: kinds of change, trying them, and the table. Does not belong here: the tests (dbt).

Each mutant is tried in one process, without dbt: the unit tests of the model as dbt compiled them, with the changed SQL
in the place of the model's; then the model and all after it are built for the figures of the last build, as long as
their rows are others, and the blocking data tests that name them are run. Where none of these notices, and the rows of
a published fact are others, tests/end_to_end/test_profile.py does: it holds the figures of every fact. A mutant that no
test notices and that gives the same rows as the model for those figures is called equivalent; all others that no test
notices survive. What other tests of Python notice, and what the detector finds, is not counted: a lower bound.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, get_args

import duckdb
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from adoption.settings import Settings
from adoption.warehouse.dbt import Dbt, downstream
from ingest.catalog import load_catalog

FACTS = ("mutant_fct_", "mutant_rpt_")
"""What the tables of the published facts are called while a mutant is tried."""
LONGEST_SECONDS = 60.0
"""A query that runs longer is stopped; a model that does not end would stop a build."""
WORDS: Mapping[str, tuple[str, str]] = {
    "<": ("comparison", "<="),
    "<=": ("comparison", "<"),
    ">": ("comparison", ">="),
    ">=": ("comparison", ">"),
    "<>": ("comparison", "="),
    "and": ("and, or", "or"),
    "or": ("and, or", "and"),
    "left": ("join", "inner"),
    "inner": ("join", "left"),
    "anti": ("join", "semi"),
    "semi": ("join", "anti"),
    "where": ("filter removed", "where true or"),
    "qualify": ("filter removed", "qualify true or"),
    "having": ("filter removed", "having true or"),
    "sum": ("aggregate", "max"),
    "min": ("aggregate", "max"),
    "max": ("aggregate", "min"),
    "arg_min": ("aggregate", "arg_max"),
    "arg_max": ("aggregate", "arg_min"),
    "bool_and": ("aggregate", "bool_or"),
    "bool_or": ("aggregate", "bool_and"),
    "least": ("aggregate", "greatest"),
    "greatest": ("aggregate", "least"),
    "lag": ("neighbour", "lead"),
    "lead": ("neighbour", "lag"),
    "distinct": ("distinct removed", ""),
    "desc": ("order", "asc"),
    "+": ("arithmetic", "-"),
    "-": ("arithmetic", "+"),
    "*": ("arithmetic", "/"),
    "/": ("arithmetic", "*"),
    "true": ("constant", "false"),
    "false": ("constant", "true"),
}
"""What stands in the place of a word, by the kind of change."""
CALLS = {"sum", "min", "max", "arg_min", "arg_max", "bool_and", "bool_or", "least", "greatest", "lag", "lead"}
Verdict = Literal["unit test", "data test", "profile", "error", "equivalent", "survived"]
NOTICED: Final[tuple[Verdict, ...]] = ("unit test", "data test", "profile", "error")


@dataclass(frozen=True)
class Mutant:
    """One change of the SQL of one model."""

    model: str
    kind: str
    line: int
    start: int
    end: int
    text: str
    verdict: Verdict = "survived"
    by: str = ""

    def of(self, sql: str) -> str:
        """The changed SQL."""
        return sql[: self.start] + self.text + sql[self.end :]


def mutants_of(model: str, sql: str) -> Iterator[Mutant]:
    """Every change that is tried on the SQL of a model, in the order of the text."""
    tokens = Tokenizer(dialect="duckdb").tokenize(sql)
    for place, token in enumerate(tokens):
        change = _change(tokens, place, sql)
        if change:
            kind, end, text = change
            yield Mutant(model, kind, sql.count("\n", 0, token.start) + 1, token.start, end, text)


def _change(tokens: Sequence[Token], place: int, sql: str) -> tuple[str, int, str] | None:
    """The change that begins at a token: its kind, where it ends, and what stands there instead."""
    token, following = tokens[place], tokens[min(place + 1, len(tokens) - 1)]
    word = sql[token.start : token.end + 1].lower()
    after, end = following.text.lower(), following.end + 1
    if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return None
    if token.token_type == TokenType.NUMBER:
        return "constant", token.end + 1, str(int(word) + 1) if word.isdigit() else f"({word} + 1)"
    if word == "coalesce" and after == "(":
        return _without_default(tokens, place, sql)
    pairs = {
        "union all": ("union", end, "union"),
        "is not": ("null", end, "is"),
        "is null": ("null", end, "is not null"),
    }
    if f"{word} {after}" in pairs:
        return pairs[f"{word} {after}"]
    if word not in WORDS or not _is_changed(word, after, tokens[place - 1].text.lower() if place else ""):
        return None
    kind, text = WORDS[word]
    return kind, token.end + 1, text


def _is_changed(word: str, after: str, before: str) -> bool:
    """Whether a word is what it seems to be where it stands."""
    if word in CALLS:
        return after == "("
    if word in ("left", "inner", "anti", "semi"):
        return after == "join"
    if word == "*":
        return before not in ("select", "(", ".", ",") and after not in (")", "from", "exclude", "replace", ",")
    return not (word == "distinct" and after == "from")


def _without_default(tokens: Sequence[Token], place: int, sql: str) -> tuple[str, int, str] | None:
    """A call of coalesce that keeps its first argument only."""
    depth, comma = 0, None
    for token in tokens[place + 1 :]:
        depth += token.text in "([" and token.token_type != TokenType.STRING
        depth -= token.text in ")]" and token.token_type != TokenType.STRING
        if token.text == "," and depth == 1 and comma is None:
            comma = token.start
        if depth == 0:
            first = sql[tokens[place + 1].end + 1 : comma]
            return ("coalesce dropped", token.end + 1, f"({first})") if comma else None
    return None


class Bench:
    """A copy of a built warehouse, the models and the tests as dbt compiled them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        """Copy the warehouse and compile the unit tests; raises FileNotFoundError where nothing was built."""
        shutil.copy(settings.warehouse, folder / settings.warehouse.name)
        self._settings = replace(settings, data=folder)
        dbt = Dbt(self._settings, load_catalog(settings.catalog))
        self._manifest = dbt.manifest()
        dbt.invoke(["test", "--select", "test_type:unit"])
        dbt.invoke(["compile"])
        self._connection = duckdb.connect(str(self._settings.warehouse), read_only=True)
        self._connection.execute("set threads = 1")

    @cached_property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models by name."""
        return {node["name"]: node for node in self._manifest["nodes"].values() if node["resource_type"] == "model"}

    def sql(self, model: str) -> str:
        """The SQL of a model, as dbt compiled it."""
        return self._compiled(self.models[model]).read_text(encoding="utf-8")

    def _compiled(self, node: Mapping[str, Any]) -> Path:
        path: Path = self._settings.dbt_target / "compiled" / node["package_name"] / node["original_file_path"]
        return path if path.suffix == ".sql" else path / node["path"]

    def evaluated(self, mutant: Mutant) -> Mutant:
        """What the tests say of a mutant."""
        sql = self.sql(mutant.model)
        for name, text, body in self._unit_tests(mutant.model):
            outcome = self._rows(text.replace(body, _body(self._with_fixtures(mutant.of(sql), text))))
            if outcome is None or not _is_passed(outcome):
                return replace(mutant, verdict="error" if outcome is None else "unit test", by=name)
        return self._built(mutant)

    def _built(self, mutant: Mutant) -> Mutant:
        """What the blocking data tests say of the mutant and of each model after it that has other rows for it."""
        names: dict[str, str] = {}
        for model in self._from(mutant.model):
            node = self.models[model]
            if model != mutant.model and not any(parent in node["depends_on"]["nodes"] for parent in names):
                continue
            sql = mutant.of(self.sql(model)) if model == mutant.model else self._with_mutants(self.sql(model), names)
            if self._rows(f"create or replace temp table mutant_{model} as {sql}") is None:
                return replace(mutant, verdict="error", by=model)
            # what a mutant is compared with is made anew: the queries of today, the figures of the last build
            if self._is_same(model, f"({self.sql(model)})" if model == mutant.model else node["relation_name"]):
                continue
            names[node["unique_id"]] = f"mutant_{model}"
            for test, text in self._data_tests(node["unique_id"]):
                if self._rows(self._with_mutants(text, names)) != []:
                    return replace(mutant, verdict="data test", by=test)
        facts = [name for name in names.values() if name.startswith(FACTS)]
        if facts:
            return replace(mutant, verdict="profile", by=facts[0])
        return replace(mutant, verdict="survived" if names else "equivalent")

    def _with_mutants(self, sql: str, names: Mapping[str, str]) -> str:
        """SQL that reads the rows of a mutant, and of what was built on it, where it reads tables."""
        for unique_id, name in names.items():
            sql = sql.replace(self._manifest["nodes"][unique_id]["relation_name"], name)
        return sql

    def _from(self, model: str) -> list[str]:
        """A model and all after it, each after those that it reads."""
        return [self._manifest["nodes"][name]["name"] for name in downstream(self._manifest, model)]

    def _is_same(self, model: str, original: str) -> bool:
        """Whether a model has the rows that it has without the mutant, for the figures of the build."""
        changed = f"mutant_{model}"
        # the sentences of the brief are added after dbt: no column that a model does not make is compared
        columns = ", ".join(f'"{name}"' for name, *_ in self._rows(f"describe {changed}") or [])
        original = f"(select {columns} from {original})"
        apart = f"(from {changed} except all from {original}) union all (from {original} except all from {changed})"
        return self._rows(f"{apart} limit 1") == []

    def _unit_tests(self, model: str) -> Iterator[tuple[str, str, str]]:
        """The unit tests of a model: name, SQL, and the part of it that is the model's."""
        for test in self._manifest["unit_tests"].values():
            if test["model"] == model:
                [path] = self._settings.dbt_target.glob(f"run/**/{test['name']}.sql")
                text = path.read_text(encoding="utf-8")
                body = _body(self._with_fixtures(self.sql(model), text))
                if body in text:
                    yield test["name"], text, body

    @cached_property
    def _tables(self) -> dict[str, str]:
        """The name that a table has in the database, by the name that dbt gives its rows in a unit test."""
        sources = {
            f"{source['source_name']}__{source['name']}": source for source in self._manifest["sources"].values()
        }
        return {name: node["relation_name"] for name, node in {**self.models, **sources}.items()}

    def _with_fixtures(self, sql: str, test: str) -> str:
        """SQL that reads the rows of a unit test where it reads tables."""
        for name in re.findall(r"__dbt__cte__(\w+) as \(", test):
            sql = sql.replace(self._tables[name], f"__dbt__cte__{name}")
        return sql

    def _data_tests(self, unique_id: str) -> Iterator[tuple[str, str]]:
        """The blocking data tests that name a model."""
        for test in self._manifest["nodes"].values():
            is_of_model = test["resource_type"] == "test" and unique_id in test["depends_on"]["nodes"]
            if is_of_model and test["config"]["severity"].lower() == "error":
                yield test["name"], self._compiled(test).read_text(encoding="utf-8")

    def _rows(self, query: str) -> list[tuple[Any, ...]] | None:
        """The rows of a query; None where it fails or does not end."""
        watch = threading.Timer(LONGEST_SECONDS, self._connection.interrupt)
        watch.start()
        try:
            return self._connection.execute(query).fetchall()
        except duckdb.Error:
            return None
        finally:
            watch.cancel()


def _body(sql: str) -> str:
    """The SQL of a model after its first `with`, before which dbt puts the rows of a unit test."""
    return re.split(r"^with\s", sql, maxsplit=1, flags=re.MULTILINE)[-1].strip()


def _is_passed(rows: Sequence[tuple[Any, ...]]) -> bool:
    """Whether a unit test's actual rows are those that it expects; the last column says which they are."""
    actual, expected = (Counter(repr(row[:-1]) for row in rows if row[-1] == side) for side in ("actual", "expected"))
    return actual == expected


def chosen(mutants: Sequence[Mutant], number: int, seed: int) -> list[Mutant]:
    """So many mutants: models in turn, and of each the kind that was taken least often."""
    chance = random.Random(seed)
    left: dict[str, list[Mutant]] = {}
    for mutant in chance.sample(mutants, len(mutants)):
        left.setdefault(mutant.model, []).append(mutant)
    selected: list[Mutant] = []
    kinds: Counter[str] = Counter()
    while len(selected) < min(number, len(mutants)):
        for model in sorted(left):
            if left[model] and len(selected) < number:
                picked = min(left[model], key=lambda mutant: kinds[mutant.kind])
                left[model].remove(picked)
                kinds[picked.kind] += 1
                selected.append(picked)
    return selected


def table(mutants: Sequence[Mutant]) -> list[str]:
    """By kind of change: how many, who noticed, and the share of those that are not equivalent."""
    columns = " ".join(f"{verdict:>10}" for verdict in ("tried", *get_args(Verdict)))
    heading = f"{'kind':<18} {columns} {'share':>6}"
    kinds = sorted({mutant.kind for mutant in mutants})
    lines = [_line(kind, [mutant for mutant in mutants if mutant.kind == kind]) for kind in kinds]
    return [heading, *lines, _line("all", mutants)]


def _line(name: str, mutants: Sequence[Mutant]) -> str:
    verdicts = Counter(mutant.verdict for mutant in mutants)
    killed = sum(verdicts[verdict] for verdict in NOTICED)
    share = f"{100 * killed / (killed + verdicts['survived']):.0f} %" if killed + verdicts["survived"] else ""
    counts = " ".join(f"{verdicts[verdict]:>10}" for verdict in get_args(Verdict))
    return f"{name:<18} {len(mutants):>10} {counts} {share:>6}"


def run(settings: Settings, number: int, seed: int, pattern: str = "") -> Iterator[Mutant]:
    """Try so many mutants of the models whose names a pattern matches."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(settings, Path(folder))
        names = sorted(name for name in bench.models if re.search(pattern, name))
        every = [mutant for name in names for mutant in mutants_of(name, bench.sql(name))]
        for mutant in chosen(every, number, seed):
            yield bench.evaluated(mutant)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table, and each mutant that survived."""
    parser = argparse.ArgumentParser(description="Which changes of the SQL its tests notice.")
    parser.add_argument("--data", type=Path, help="the data folder of a build")
    parser.add_argument("--number", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--models", default="^int_", help="a regular expression of names")
    options = parser.parse_args(argv)
    settings = Settings(data=options.data) if options.data else Settings()
    mutants = list(run(settings, options.number, options.seed, options.models))
    print("\n".join(table(mutants)))
    for mutant in mutants:
        if mutant.verdict == "survived":
            print(f"survived: {mutant.model}:{mutant.line} (compiled): {mutant.kind}: {mutant.text!r}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
