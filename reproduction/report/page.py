"""The page: figures and tables in the paper's order; it needs no network."""

from collections.abc import Sequence
from pathlib import Path

from reproduction import tasks
from reproduction.report import (
    ablation,
    crowds,
    findings,
    head_to_head,
    lead,
    names,
    overview,
    paper_length,
    predator_prey_tables,
    pursuit_figures,
    scale,
    scores,
    survival_letter,
    survival_sizes,
    tables,
    verdicts,
)
from reproduction.report.charts import Chart
from reproduction.report.document import Page, file_links
from reproduction.report.records import Results, RunRecord
from reproduction.report.table import escaped, number


def build(results: Results, output: Path, all_charts: dict[str, Chart]) -> str:
    """The page; figures under `all_charts` and heat maps have been saved in `output`."""
    page = Page(results, output)
    statements = findings.all_findings(results)
    page.add("summary", "What matches the paper, and what was run", *_summary(page, statements))
    page.add(
        "fig3",
        "Fig. 3: Cooperative Navigation",
        page.chart(all_charts["fig3"]),
        *(
            page.table(tables.after_training(results, env))
            for env in (tasks.NAVIGATION_3, tasks.NAVIGATION_10)
        ),
    )
    page.add(
        "table1",
        "Table 1: Cooperative Navigation",
        page.table(tables.table_1(results)),
        *(page.episode(_best(results, e)) for e in (tasks.NAVIGATION_3, tasks.NAVIGATION_10)),
    )
    if "near" in all_charts:
        envs = (tasks.NEAR_3, tasks.NEAR_10)
        page.add(
            "near",
            "Cooperative Navigation, near things finely",
            page.chart(all_charts["near"]),
            *(page.table(tables.after_training(results, env)) for env in envs),
            page.table(lead.table(results)),
            *(page.episode(_best(results, env)) for env in envs if results.runs_in(env)),
        )
    if "scale" in all_charts:
        title = "One policy for any number of agents"
        page.add("scale", title, page.chart(all_charts["scale"]), page.table(scale.table(results)))
    if "crowds" in all_charts:
        learned = page.table(crowds.table(results))
        page.add("crowds", "Learned in large teams", page.chart(all_charts["crowds"]), learned)
    page.add("fig4", "Fig. 4: Predator-Prey", page.chart(all_charts["fig4"]), *_pursuit(page))
    page.add(
        "table2",
        "Table 2: Survival",
        page.table(tables.table_2(results)),
        page.chart(all_charts["survival"]),
        page.table(survival_sizes.table(results)),
        page.table(survival_letter.table(results)),
    )
    for number_, env in (("5", tasks.SURVIVAL_230), ("6", tasks.SURVIVAL_630)):
        pictures = page.episode(_best(results, env)) or '<p class="note">No pictures yet.</p>'
        page.add(f"fig{number_}", f"Fig. {number_}: learned policy, {names.task(env)}", pictures)
    for env in (tasks.LITERAL_230, tasks.LITERAL_630):
        if pictures := page.episode(_best(results, env)):
            page.add(env, f"Learned policy, {names.task(env)}", pictures)
    if longer := page.table(paper_length.table(results)):
        page.add("length", "After 400,000 episodes", longer)
    if results.ablation:
        page.add("ablation", "Does the meta-gradient matter?", *_ablation(page, all_charts))
    _about_the_runs(page)
    return page.html("DiMA-PG: the paper's experiments, run again", _lead(results))


def _lead(results: Results) -> str:
    return (
        '<p class="lead">Figures and tables of <cite>Scalable Centralized Deep Multi-Agent '
        "Reinforcement Learning via Policy Gradients</cite> (Khan et al. 2018), from runs of "
        "dimapg_tf, with the paper's numbers beside ours, in the paper's order.</p>\n"
        f"<p>{escaped(overview.extent(results))}</p>"
    )


def _summary(page: Page, statements: Sequence[verdicts.Finding]) -> list[str]:
    checked = [finding for finding in statements if finding.verdict != verdicts.NOT_RUN]
    left = [finding for finding in statements if finding.verdict == verdicts.NOT_RUN]
    rows = page.table(findings.table(checked))
    for verdict in (verdicts.AGREES, verdicts.DIFFERS):
        cell = f'<td class="words">{verdict}</td>'
        rows = "\n".join(
            line.replace("<tr>", f'<tr class="{verdict}">') if cell in line else line
            for line in rows.split("\n")
        )
    parts = [f"<p>{escaped(verdicts.counted(statements))}</p>", rows]
    if left:
        items = "".join(f"<li>{escaped(f.where)}: {escaped(f.claim)}</li>" for f in left)
        parts.append(
            f"<details><summary>{len(left)} statements that cannot be checked, because runs are "
            f"missing</summary><ul>{items}</ul></details>"
        )
    parts.append(page.table(overview.what_was_run(page.results)))
    runs = [*page.results.runs, *page.results.ablation]
    problems = [f"{run.name}: {'; '.join(run.problems)}" for run in runs if run.problems]
    problems += page.results.problems
    if problems:
        items = "".join(f"<li>{escaped(problem)}</li>" for problem in problems)
        parts.append(f"<h3>Records that are not whole</h3><ul>{items}</ul>")
    return parts


def _best(results: Results, env: str) -> list[RunRecord]:
    """DiMA-PG's runs first, its default before its variants; then the others'."""
    return sorted(results.runs_in(env), key=lambda run: (names.order(run.learner), run.seed))


def _pursuit(page: Page) -> list[str]:
    """Numbers, cross-play and an episode of both games."""
    parts = []
    for env in tasks.PURSUITS:
        if env in (tasks.NEAR_3V1, tasks.NEAR_12V4) and not page.results.runs_in(env):
            continue  # beyond the paper
        parts.append(page.table(predator_prey_tables.figure_4(page.results, env)))
        parts.append(page.table(predator_prey_tables.between(page.results, env)))
        parts.append(page.table(head_to_head.table(page.results, env)))
        path = page.output / pursuit_figures.crossplay_name(env)
        if env in page.results.crossplay and path.with_suffix(".png").exists():
            alt = f"Heat map of the table above: {names.task(env)}, reward of a predator"
            caption = f"The same as a heat map. {file_links(path.name)}"
            parts.append(page.image(path.with_suffix(".png"), alt, caption, "38rem"))
        parts.append(page.episode(_best(page.results, env)))
    return parts


def _ablation(page: Page, all_charts: dict[str, Chart]) -> list[str]:
    return [
        "<p>Which parts of Eq. 14 learning needs, from equal numbers of episodes. What the parts "
        "are, and why, is told in docs/gradient.md of the repository.</p>",
        page.chart(all_charts["ablation"]),
        page.table(ablation.table(page.results)),
    ]


def _about_the_runs(page: Page) -> None:
    """Statistics, baselines on known ground, configuration, versions and machines."""
    results = page.results
    every = scores.all_scores(results)
    page.add(
        "statistics",
        "Statistics over seeds",
        page.table(overview.over_seeds(every, results)),
        page.table(overview.over_tasks(every, results)),
    )
    spread = page.table(tables.simple_spread(results))
    if spread:
        introduction = (
            "<p>Known ground for MADDPG. The unit of 2018 is that which its authors' code prints: "
            "the sum over agents of all agents' rewards.</p>"
        )
        page.add("baselines", "Baselines on simple_spread", introduction, spread)
    page.add("configuration", "Configuration", *_configuration(results))
    entries = {**overview.versions(results), "machine": "; ".join(overview.machine_names(results))}
    entries["wall time"] = f"{number(overview.hours(results))} hours of training, all runs together"
    items = "".join(f"<dt>{escaped(k)}</dt><dd>{escaped(v)}</dd>" for k, v in entries.items())
    page.add("versions", "Versions, machine, wall time", f"<dl>{items}</dl>")


def _configuration(results: Results) -> list[str]:
    """The flags of each learner's first seed; seeds differ in --seed alone, or it is said."""
    parts = []
    for env in results.envs:
        for name in results.learners(env):
            runs = [run for run in results.runs_in(env, name) if run.flags]
            if runs:
                lines = [f"--{k}={v}" for k, v in runs[0].flags.items() if k != "seed"]
                others = sorted(_differing(runs) - {"seed"})
                if others:
                    lines.append(f"# differs between seeds: {', '.join(others)}")
                title = f"{names.task(env)}: {names.learner(name).title}"
                parts.append(
                    f"<details><summary>{escaped(title)}</summary>"
                    f'<pre tabindex="0">{escaped(chr(10).join(lines))}</pre></details>'
                )
    return parts


def _differing(runs: Sequence[RunRecord]) -> set[str]:
    pairs = [set(run.flags.items()) for run in runs]
    return {name for name, _ in set.union(*pairs) - set.intersection(*pairs)}
