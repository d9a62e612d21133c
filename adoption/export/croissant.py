"""The same export in the words of Croissant 1.0: files, record sets, fields, licences.

Belongs here: what `croissant.json` says, all of it read from the data package. Does not belong here: the package itself
(`adoption.export.data_package`).

Record sets read the Parquet files, in which a list is a list. Every field of a table has the description of its column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Descriptor = dict[str, Any]

CONFORMS_TO: Final = "http://mlcommons.org/croissant/1.0"
FORM: Final = "parquet"
TYPES: Final = {
    "string": "sc:Text",
    "array": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
    "datetime": "sc:DateTime",
}
CONTEXT: Final[Mapping[str, Any]] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification gives."""


def croissant(package: Descriptor) -> Descriptor:
    """What `croissant.json` says of an export that this data package describes."""
    edition = package.get("edition")
    digest = package.get("content_sha256") or package.get("file_sha256")
    return {
        "@context": dict(CONTEXT),
        "@type": "sc:Dataset",
        "conformsTo": CONFORMS_TO,
        "name": package["name"],
        "alternateName": package["title"],
        "description": package["description"],
        "datePublished": package["created"][:10],
        # a version has three parts there; a correction of an edition is its next number
        **({"version": f"{edition}.0"} if edition else {}),
        **({"identifier": f"sha256:{digest}"} if digest else {}),
        "citeAs": _cite(package),
        "license": [licence["title"] for licence in package["licenses"]],
        "creator": [{"@type": "sc:Organization", "name": name} for name in _publishers(package)],
        "isLiveDataset": True,
        "distribution": [file for table in package["resources"] for file in _files(table)],
        "recordSet": [_record_set(table) for table in package["resources"]],
    }


def _cite(package: Descriptor) -> str:
    """The edition, and whoever counted."""
    edition = f"edition {package['edition']}" if package.get("edition") else f"of {package['created'][:10]}"
    counted = "; ".join(dict.fromkeys(source["title"] for source in package["sources"]))
    return f"The adoption warehouse, {edition}. Figures: {counted}"


def _publishers(package: Descriptor) -> list[str]:
    return sorted({source["publisher"] for source in package["sources"]})


def _files(table: Descriptor) -> Iterator[Descriptor]:
    """The files of a table in every format."""
    for form in (table, table[FORM]):
        yield {
            "@type": "cr:FileObject",
            "@id": form["path"],
            "name": form["path"],
            "contentUrl": form["path"],
            "contentSize": f"{form['bytes']} B",
            "encodingFormat": _media_type(form),
            "sha256": form["hash"].removeprefix("sha256:"),
        }


def _media_type(form: Descriptor) -> str:
    """The name that the format's readers know it by."""
    return "application/x-parquet" if form["format"] == FORM else str(form["mediatype"])


def _record_set(table: Descriptor) -> Descriptor:
    key = [{"@id": f"{table['name']}/{column}"} for column in table["schema"].get("primaryKey", [])]
    return {
        "@type": "cr:RecordSet",
        "@id": table["name"],
        "name": table["name"],
        "description": table["description"],
        **({"key": key} if key else {}),
        "field": [_field(table, field) for field in table["schema"]["fields"]],
    }


def _field(table: Descriptor, field: Descriptor) -> Descriptor:
    return {
        "@type": "cr:Field",
        "@id": f"{table['name']}/{field['name']}",
        "name": field["name"],
        "description": field["description"],
        "dataType": TYPES[field["type"]],
        **({"repeated": True} if field["type"] == "array" else {}),
        "source": {"fileObject": {"@id": table[FORM]["path"]}, "extract": {"column": field["name"]}},
    }
