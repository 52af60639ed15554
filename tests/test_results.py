"""What the README and the documents say of results is what the committed records say."""

import json
import re
from pathlib import Path
from statistics import median

import pytest

from benchmarks import crowd_speed, learner_speed
from dimapg_tf.experiment import metrics_file, policy_file
from reproduction.gradient_bias import study, variance
from reproduction.heterogeneity import presentation
from reproduction.report import (
    build,
    documents,
    gradients,
    headlines,
    in_the_readme,
    paper,
    records,
    sections,
)
from reproduction.report.table import PLUS_MINUS
from reproduction.tasks import NEAR_3, NEAR_10

ROOT = Path(__file__).parents[1]
DOCS, REPORT = ROOT / "docs", ROOT / "results/report"
# In bytes: a clone is to be small, and a picture to be there at once.
LARGEST_PAGE, LARGEST_ANIMATION, LARGEST_RECORDS = 2_000_000, 1_000_000, 25_000_000


@pytest.fixture(scope="module")
def results():
    return records.read(ROOT / "results")


@pytest.mark.parametrize("section", documents.PAGES)
def test_documents_are_what_the_records_say(section, results):
    """`python -m reproduction.report results --docs docs` would change nothing."""
    text = documents.texts(results, DOCS, REPORT)[section]
    assert sections.read(DOCS / documents.PAGES[section], section) == text
    assert text.count("](../results/") >= 10


def test_readme_is_what_the_records_say(results):
    """`python -m reproduction.report results --readme README.md` would change nothing."""
    text = headlines.section(results)
    assert sections.read(ROOT / "README.md", documents.README) == text
    near = [env for env in (NEAR_3, NEAR_10) if results.runs_in(env)]
    assert text.count("\n| ") == 2 + 2 * len(near)
    text = in_the_readme.section(results)
    assert sections.read(ROOT / "README.md", documents.PRINTED) == text
    tables = (paper.TABLE_1, paper.TABLE_2)
    assert text.count("\n| ") == sum(1 + len(rows) for t in tables for rows in list(t.values())[:1])


def test_table_of_the_recommended_gradients(results):
    text = gradients.section(results, DOCS)
    assert text.count("](../results/") == 3
    assert sections.read(DOCS / "gradient.md", documents.GRADIENTS) == text


def test_plus_minus_means_one_thing_and_every_table_says_it(results):
    tables = build.all_tables(results)
    assert len(tables) > 12
    shown = [t for t in tables if "±" in t.markdown(REPORT)]
    assert len(shown) >= 8
    for table in tables:
        notes = " ".join(table.notes)
        assert table not in shown or PLUS_MINUS in notes, table.title
        assert notes.count("± is") == notes.count("±"), table.title


def test_links_of_documents_lead_somewhere():
    for page in documents.PAGES.values():
        text = (DOCS / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!http|#)([^)#]+)", text):
            assert (DOCS / target).exists(), f"{page}: {target}"


def test_report_is_there():
    for name in ("index.html", "tables.md", "fig3.png", "fig4.png"):
        assert (REPORT / name).stat().st_size > 10_000
    assert (REPORT / "index.html").stat().st_size < LARGEST_PAGE


def test_records_are_light():
    """Policies and what was measured; nothing that only training needs."""
    files = [path for path in (ROOT / "results").rglob("*") if path.is_file()]
    assert not [path for path in files if path.parent.name in ("checkpoints", "tensorboard")]
    assert max(p.stat().st_size for p in files if p.suffix == ".gif") < LARGEST_ANIMATION
    assert sum(path.stat().st_size for path in files) < LARGEST_RECORDS


def test_policies_of_records_are_there():
    """Of each learner in each environment one policy or more, but for the largest networks."""
    kept = list((ROOT / "results").rglob(policy_file.DESCRIPTION))
    assert len(kept) >= 30
    for path in kept:
        origin, age, _ = policy_file.read(path.parent)
        flags = (path.parent / "flags.txt").read_text().splitlines()
        assert f"--seed={origin.seed}" in flags
        assert f"--env={origin.env}" in flags
        assert f"--algorithm={origin.algorithm}" in flags
        last = metrics_file.read_rows(path.parent / "metrics.csv")[-1]
        assert (last["iteration"], last["episodes"]) == (str(age.iteration), str(age.episodes))


def test_tables_of_the_report_are_what_the_records_say(results):
    assert (REPORT / build.TABLES).read_text(encoding="utf-8") == build.markdown(results, REPORT)


def test_pictures_of_documents_are_those_of_the_report():
    for name in documents.PICTURES:
        assert (DOCS / name).read_bytes() == (REPORT / name).read_bytes()


def test_table_of_the_bias():
    record = json.loads((DOCS / "gradient_bias.json").read_text())
    assert sections.read(DOCS / "gradient.md", "bias") == study.table(record["cases"])


def test_table_of_the_variance():
    record = json.loads((DOCS / "gradient_variance.json").read_text())
    assert sections.read(DOCS / "gradient.md", "variance") == variance.table(record["tasks"])
    assert record["draws"] >= 200


def test_speeds_of_the_learners():
    record = json.loads((ROOT / "results" / records.SPEEDS).read_text())
    text = sections.read(DOCS / "performance.md", learner_speed.SECTION)
    assert text == learner_speed.table(record["records"])


def test_page_of_unlike_agents():
    record = json.loads((DOCS / "heterogeneity.json").read_text())
    page = DOCS / presentation.PAGE
    assert sections.read(page, "answer") == presentation.answer(record)
    assert sections.read(page, "table") == presentation.table(record)
    assert all(len(row["seeds"]) >= 5 for row in record["rows"])


def test_figures_of_the_page_on_performance():
    """Rounded as they stand there."""

    def record(name):
        return json.loads((ROOT / f"results/benchmarks/{name}.json").read_text())

    text = (DOCS / "performance.md").read_text(encoding="utf-8")
    training = {row["task"]: row for row in record("training_speed")["records"]}
    small, large = training["cooperative_navigation_3"], training["predator_prey_12v4"]
    maddpg = record("maddpg_speed")
    survival = [row["episodes_per_second"] for row in record("survival_speed")["records"]]
    figures = [
        f"{round(median(small['training_steps_per_second']), -4):,.0f} world steps",
        f"{small['ratio_of_medians']:.0f} times",
        f"{large['ratio_of_medians']:.0f} times",
        f"{round(median(maddpg['env_steps_per_second']), -2):,.0f} world steps",
        f"does {round(median(maddpg['benchmarl_env_steps_per_second']), -2):,.0f}",
        f"{median(survival[0]):.0f} episodes",
        f"and {median(survival[1]):.1f} with 630",
    ]
    start_up = record("start_up")
    took = start_up["records"]["cooperative_navigation_3"]
    figures.append(f"takes {median(start_up['import']):.1f} s")
    for what in ("train", "evaluate", "render"):
        first, second = (median(took[f"{what}, {start} start"]) for start in ("first", "second"))
        figures.append(f"{first:.1f} s | {second:.1f} s |")
    for record_of in record("iteration_speed")["records"].values():
        took = 1e3 * median(record_of["seconds"])
        figures.append(f"| {record_of['episodes']} | {took:.0f} ms |")
    on_epyc = record("iteration_speed_epyc")["records"]
    for agents in (3, 10):
        took = 1e3 * median(on_epyc[f"N = {agents}, the paper's estimator"]["seconds"])
        figures.append(f"{took:.0f} ms at N = {agents}")
    for agents, by_worlds in record("crowd_speed")["agent_steps_per_second"].items():
        worlds, speed = crowd_speed.best(by_worlds)
        figures.append(f"| {int(agents):,} | {worlds:,} | {speed / 1e6:.2f} M |")
    assert [figure for figure in figures if figure not in text] == []
