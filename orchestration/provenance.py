"""Where an asset comes from: whose figures it rests on, under which licence, and the code that makes it.

Belongs here: metadata that follows from the asset graph and the catalog, the same for every asset. Does not belong
here: anything that needs a built table (`orchestration.table_metadata`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import dagster as dg

from adoption.settings import REPOSITORY
from ingest.catalog import Catalog, SourceEntry
from orchestration.asset_keys import asset_key
from orchestration.check_results import as_table

SOURCE_LAYERS = ("extracts", "raw")
BOOKKEEPING = asset_key("raw", "landing")
"""Speaks of every source and holds nobody's figures: what joins it does not rest on all of them."""
OURS = "none: it holds no publisher's figures"
Assets = TypeVar("Assets", dg.AssetsDefinition, dg.AssetSpec)


def code(*paths: Path) -> dict[str, dg.CodeReferencesMetadataValue]:
    """Links to the files that make an asset, which the UI opens in an editor."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # nothing is lost if Dagster changes how it links to files
        links = [
            dg.LocalFileCodeReference(file_path=str(path), line_number=1, label=path.relative_to(REPOSITORY).as_posix())
            for path in paths
        ]
        return {"dagster/code_references": dg.CodeReferencesMetadataValue(code_references=[*links])}


def _files(key: dg.AssetKey) -> list[Path]:
    """The files of an asset that Python makes; each model of dbt names its own."""
    layer, name = key.path
    ingest, adoption = REPOSITORY / "ingest", REPOSITORY / "adoption"
    module = ingest / "sources" / f"{name}.py"
    own = [module] if module.exists() else []
    page = adoption / "reports" / "page"
    return {
        "heavy": [REPOSITORY / "dbt_project" / "models" / "heavy" / f"heavy_downloads__{name}.sql"],
        "extracts": [*own, ingest / "catalog" / "sources.yaml"],
        "raw": [*own, ingest / "catalog" / "tables.py" if name == "catalog" else ingest / "loader.py"],
        "detection": [adoption / "detection" / "detector.py", adoption / "detection" / "warehouse_io.py"],
        "projection": [adoption / "projection" / "years.py", adoption / "projection" / "warehouse_io.py"],
        "published": [adoption / "publish" / "writer.py"],
        "reports": [page / "render.py", page / "content.py", page / "templates" / "report.html"],
    }.get(layer, [])


def with_provenance(assets: Sequence[dg.AssetsDefinition | dg.AssetSpec], catalog: Catalog) -> list[Any]:
    """The assets, each with publisher and licence of the sources that it rests on, however far back they lie."""
    specs = [spec for asset in assets for spec in _specs(asset)]
    origins = _origins(specs, {source.id: source for source in catalog.sources})
    return list(dg.map_asset_specs(partial(_with_sources, origins), assets))


def _specs(asset: dg.AssetsDefinition | dg.AssetSpec) -> Iterable[dg.AssetSpec]:
    return [asset] if isinstance(asset, dg.AssetSpec) else asset.specs


def _origins(
    specs: Sequence[dg.AssetSpec], sources: Mapping[str, SourceEntry]
) -> Mapping[dg.AssetKey, Sequence[SourceEntry]]:
    """The sources behind each asset, in the catalog's order."""
    parents = {spec.key: [dep.asset_key for dep in spec.deps] for spec in specs}
    origins: dict[dg.AssetKey, frozenset[str]] = {}

    def behind(key: dg.AssetKey) -> frozenset[str]:
        if key not in origins:
            layer, name = key.path
            own = frozenset({name} if layer in SOURCE_LAYERS and name in sources else ())
            through = [] if key == BOOKKEEPING else parents.get(key, ())
            origins[key] = own.union(*map(behind, through))
        return origins[key]

    return {key: [source for name, source in sources.items() if name in behind(key)] for key in parents}


def _with_sources(origins: Mapping[dg.AssetKey, Sequence[SourceEntry]], spec: dg.AssetSpec) -> dg.AssetSpec:
    sources = origins[spec.key]
    rows = [{"source": source.label, "publisher": source.publisher, "licence": source.licence} for source in sources]
    metadata: dict[str, Any] = {
        "publisher": "; ".join(dict.fromkeys(source.publisher for source in sources)) or OURS,
        "licence": "; ".join(dict.fromkeys(source.licence for source in sources)) or OURS,
    }
    if len(rows) > 1:
        metadata["sources"] = as_table(rows)
    files = _files(spec.key)
    return spec.merge_attributes(metadata={**metadata, **(code(*files) if files else {})})
