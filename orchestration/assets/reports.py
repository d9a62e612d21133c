"""reports/year_in_review: the published year as a page that people read.

Belongs here: the asset, and what the UI shows of it. Does not belong here: what the page says or how it is written
(`adoption.reports.page.render`). It reads the published file only, so that neither waits for the other.
"""

import dagster as dg

from adoption.editions.store import identity
from adoption.reports.charts import png
from adoption.reports.page.place import PAGE, target
from adoption.reports.page.render import make, write
from adoption.settings import Settings
from adoption.site.build import target as site_target
from adoption.site.build import write as write_site
from orchestration.asset_keys import OWNERS, asset_key
from orchestration.assets.publish import PUBLISHED


def site_asset(settings: Settings) -> dg.AssetsDefinition:
    """The site, made from the published file when somebody asks for it."""
    spec = dg.AssetSpec(
        asset_key("reports", "site"),
        deps=[PUBLISHED],
        description="The explorer, JSON, CSV, badges and the feed as files that any host can serve. Made on demand; "
        "`adoption site` makes the same. What has not changed is not made again.",
        group_name="published",
        owners=OWNERS,
        kinds={"python", "html"},
    )

    @dg.multi_asset(name="write_site", specs=[spec])
    def site() -> dg.MaterializeResult[None]:
        made = write_site(settings, site_target(settings))
        page = made.folder / PAGE
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(str(page)),
                "page_bytes": page.stat().st_size,
                "files": made.files,
                "is_new": made.is_new,
            }
        )

    return site


def report_asset(settings: Settings) -> dg.AssetsDefinition:
    """The report of the newest year with enough channels, made from the published file."""
    spec = dg.AssetSpec(
        asset_key("reports", "year_in_review"),
        deps=[PUBLISHED],
        description="The year under review as one page that needs no network, as Markdown, and as short posts with a "
        "picture each. Made on demand; `adoption report YEAR` makes that of any year.",
        # not with the marts of reports, which it follows: the groups would stand in a circle
        group_name="published",
        owners=OWNERS,
        kinds={"python", "html"},
    )

    @dg.multi_asset(name="write_report", specs=[spec])
    def year_in_review(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
        folder = target(settings)
        report = make(settings)
        files = write(report.of_edition(identity(settings, report.content.year)), folder)
        if not png.is_installed():
            context.log.warning(png.MISSING)
        page = next(path for path in files if path.name == PAGE)
        return dg.MaterializeResult(
            metadata={
                "year": report.content.year,
                "headline": report.content.headline.text if report.content.headline else "not known",
                "page": dg.MetadataValue.path(str(page)),
                "page_bytes": page.stat().st_size,
                "files": len(files),
            }
        )

    return year_in_review
