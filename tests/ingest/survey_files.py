"""Files of respondents with every edition's real layout and invented people, and what must be counted in them.

Belongs here: making such files, of any size, and counting while they are made, apart from the code under test. Does not
belong here: reading them.
"""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from ingest.catalog import Survey

LAYOUTS: dict[int, list[str]] = yaml.safe_load(
    (Path(__file__).parents[1] / "fixtures" / "survey_layouts.yaml").read_text(encoding="utf-8")
)
OFFERED: dict[int, tuple[str, ...]] = {
    2017: ("Node.js", "AngularJS", ".NET Core", "React", "Cordova", "Firebase", "Xamarin", "Hadoop", "Spark"),
    2018: ("Node.js", "Angular", "React", ".NET Core", "Spring", "Django", "TensorFlow", "Torch/PyTorch", "Hadoop"),
    2019: ("Node.js", ".NET Core", "Pandas", "TensorFlow", "Keras", "Torch/PyTorch", "Hadoop", "Unity 3D", "Ansible"),
    2020: ("Node.js", ".NET Core", "Pandas", "TensorFlow", "Keras", "Torch/PyTorch", "Flutter", "Unity 3D", "Teraform"),
    2021: (
        ".NET Framework",
        "NumPy",
        "Pandas",
        "TensorFlow",
        "Keras",
        "Torch/PyTorch",
        "Flutter",
        "Qt",
        "Apache Spark",
    ),
    2022: ("NumPy", "Pandas", "TensorFlow", "Keras", "Torch/PyTorch", "Scikit-learn", "Hugging Face Transformers"),
    2023: ("NumPy", "Pandas", "TensorFlow", "Keras", "Torch/PyTorch", "Scikit-Learn", "CUDA", "Opencv", "Qt"),
    2024: (".NET (5+) ", "NumPy", "Pandas", "TensorFlow", "Keras", "Torch/PyTorch", "CUDA", "RabbitMQ", "OpenGL"),
}
"""Some options of each edition, as its file spells them."""
COUNTRIES = ("United States", "India", "Germany", "Côte d'Ivoire", "Korea, Republic of", "NA")
SMALL_COUNTRIES = tuple(f"Land {n}" for n in range(1, 151))
ROLES = (
    "Developer, back-end",
    "Developer, front-end",
    "Data scientist or machine learning specialist",
    "Student",
    "NA",
)
PADDING = ("NA", "Yes", "Not sure / can't remember", "I agree; somewhat", "Bash/Shell/PowerShell;C#;HTML/CSS;Java;SQL")
VARIED = 997
"""So many different people fill the columns that are not counted: about as many bytes as in the real files."""
SEVERAL_ROLES_UNTIL = 2022


@dataclass
class Truth:
    """What a file holds, counted while it was made."""

    respondents: int = 0
    answering: int = 0
    using: Counter[str] = field(default_factory=Counter)
    family: int = 0
    family_by_role: Counter[str] = field(default_factory=Counter)
    by_role: Counter[str] = field(default_factory=Counter)
    family_by_country: Counter[str] = field(default_factory=Counter)

    def count(self, country: str, roles: list[str], chosen: list[str]) -> None:
        """One more respondent."""
        in_family = bool({"TensorFlow", "Keras"} & set(chosen))
        self.respondents += 1
        self.answering += bool(chosen)
        self.using.update(option.strip() for option in chosen)
        self.family += in_family
        self.by_role.update(roles)
        self.family_by_role.update(roles if in_family else ())
        self.family_by_country[country] += in_family


def of_any_size(survey: Survey) -> Survey:
    """The survey, read as the catalog says, whatever number of respondents the publisher had."""
    editions = tuple(edition.model_copy(update={"respondents": None}) for edition in survey.editions)
    return survey.model_copy(update={"editions": editions})


def write_open(path: Path, year: int, survey: Survey, respondents: int, seed: int = 1) -> Truth:
    """Write a file of respondents of the developer survey as the publisher writes it; return what it holds."""
    random = Random(f"{seed}/{year}")
    layout = LAYOUTS[year]
    columns = next(edition.columns for edition in survey.editions if edition.year == year)
    places = [layout.index(name) for name in (columns.country, columns.role, columns.choices)]
    people = [[random.choice(PADDING).replace("C#", f"C#;{n}") for _ in layout] for n in range(VARIED)]
    between = "; " if year == min(LAYOUTS) else ";"
    truth = Truth()
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(layout)
        for number in range(respondents):
            row = people[number % len(people)].copy()
            country, roles = random.choice(random.choice((COUNTRIES, SMALL_COUNTRIES))), _roles(random, year)
            chosen = random.sample(OFFERED[year], k=random.choice((0, 0, 1, 1, 2, 3, 4)))
            row[0] = str(number + 1)
            for place, text in zip(places, (country, between.join(roles), between.join(chosen)), strict=True):
                row[place] = text or "NA"
            writer.writerow(row)
            truth.count("" if country == "NA" else country, [role for role in roles if role != "NA"], chosen)
    return truth


def _roles(random: Random, year: int) -> list[str]:
    first = random.choice(ROLES)
    if year > SEVERAL_ROLES_UNTIL or first == "NA":
        return [first]
    return [role for role in ROLES[:-1] if role == first or not random.randrange(4)]


def zipped(folder: Path, name: str, files: dict[str, Path | bytes]) -> Path:
    """A zip archive with these members."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in files.items():
            if isinstance(content, bytes):
                archive.writestr(zipfile.ZipInfo(member, (2021, 2, 3, 4, 5, 6)), content)
            else:
                archive.write(content, member)
    return path
