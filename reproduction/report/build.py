"""Everything that a report consists of, written into one directory."""

import json
from pathlib import Path

from dimapg_tf.drawing import heat_map
from dimapg_tf.experiment import files
from reproduction import tasks
from reproduction.report import (
    ablation,
    charts,
    crowds,
    export,
    figures,
    findings,
    head_to_head,
    lead,
    overview,
    page,
    paper_length,
    predator_prey_tables,
    pursuit_figures,
    scale,
    scores,
    survival_letter,
    survival_sizes,
    tables,
)
from reproduction.report.charts import Chart
from reproduction.report.records import Results
from reproduction.report.table import Table

PAGE, TABLES, MARL_EVAL = "index.html", "tables.md", "marl_eval.json"


def write(results: Results, output: Path) -> Path:
    """Write the page, its figures as PDF and PNG, the tables and the export; returns the page.

    Raises:
      ConfigurationError: Matplotlib is not installed.
    """
    heat_map.require_matplotlib("report", "")
    output.mkdir(parents=True, exist_ok=True)
    all_charts = {
        chart.name: chart
        for chart in (
            figures.figure_3(results),
            *((figures.near(results),) if _near(results) else ()),
            *((scale.chart(results),) if scale.moved(results) else ()),
            *((crowds.chart(results),) if crowds.there(results) else ()),
            figures.figure_4(results),
            figures.survival(results),
        )
    }
    if results.ablation:
        caption = "The end of training, one row for each variant."
        panels = [ablation.panel(results)]
        all_charts["ablation"] = Chart("ablation", caption, panels)
    for chart in all_charts.values():
        charts.save(chart.panels, output / chart.name)
    for env in tasks.PURSUITS:
        pursuit_figures.crossplay(results, env, output / pursuit_figures.crossplay_name(env))
    files.write(output / PAGE, page.build(results, output, all_charts))
    files.write(output / TABLES, markdown(results, output))
    text = json.dumps(export.marl_eval(results), separators=(",", ":"))
    files.write(output / MARL_EVAL, text + "\n")
    return output / PAGE


def _near(results: Results) -> bool:
    return any(results.runs_in(env) for env in (tasks.NEAR_3, tasks.NEAR_10))


def all_tables(results: Results) -> list[Table]:
    """In the paper's order; those without rows are left out."""
    every = scores.all_scores(results)
    candidates = [
        findings.table(findings.all_findings(results)),
        overview.what_was_run(results),
        *(tables.after_training(results, e) for e in (tasks.NAVIGATION_3, tasks.NAVIGATION_10)),
        tables.table_1(results),
        *(tables.after_training(results, e) for e in (tasks.NEAR_3, tasks.NEAR_10)),
        lead.table(results),
        scale.table(results),
        crowds.table(results),
    ]
    for env in tasks.PURSUITS:
        candidates += [
            predator_prey_tables.figure_4(results, env),
            predator_prey_tables.between(results, env),
            head_to_head.table(results, env),
        ]
    candidates += [
        tables.table_2(results),
        survival_sizes.table(results),
        survival_letter.table(results),
        paper_length.table(results),
        ablation.table(results),
        overview.over_seeds(every, results),
        overview.over_tasks(every, results),
        tables.simple_spread(results),
    ]
    return [table for table in candidates if table.rows]


def markdown(results: Results, output: Path) -> str:
    """All tables with their notes; links are relative to `output`."""
    parts = [
        "\n".join([f"## {t.title}\n", t.markdown(output), *(f"{note}\n" for note in t.notes)])
        for t in all_tables(results)
    ]
    return "# Tables\n\n" + "\n".join(parts)
