"""Pictures of a made-up episode: what is where, in which colour, and the files."""

import numpy as np
import pytest
from PIL import Image, ImageColor

from dimapg_tf.drawing import canvas, colours, particles, pictures
from dimapg_tf.drawing.particles import RecordedEpisode

STEPS = 10


@pytest.fixture
def moving():
    """A predator goes right, along y = 0, until it meets the prey; an obstacle stands above."""
    positions = np.zeros((STEPS + 1, 2, 2))
    positions[:, 0, 0] = np.linspace(-0.8, 0.2, STEPS + 1)
    positions[:, 1] = [0.4, 0.0]
    return RecordedEpisode(
        title="a test",
        positions=positions,
        landmarks=np.array([[0.0, 0.6]]),
        solid=True,
        radii=np.array([0.15, 0.1]),
        landmark_radii=np.array([0.2]),
        populations=("predators", "prey"),
        population_of=np.array([0, 1]),
        counts=np.array([[False, True], [True, False]]),
        arena=1.0,
        captions=tuple(f"moment {t}" for t in range(STEPS + 1)),
    )


def colour_at(image, drawn, point):
    """The colour at a point of the world."""
    half = particles.half_width(drawn)
    x, y = ((np.array(point) * [1, -1] + half) / (2 * half) * image.width).astype(int)
    return image.getpixel((int(x), int(y)))


def test_everybody_is_drawn_where_they_are(moving):
    image = particles.draw_world(moving, 5, 300, 5)
    predator, prey = (ImageColor.getrgb(colours.POPULATIONS[i]) for i in (0, 1))
    assert colour_at(image, moving, moving.positions[5, 0]) == predator
    assert colour_at(image, moving, (0.4, 0.0)) == prey
    assert colour_at(image, moving, (0.0, 0.6)) == ImageColor.getrgb(particles.OBSTACLE)
    assert colour_at(image, moving, (0.0, -0.6)) == (255, 255, 255)


def test_a_trail_fades(moving):
    image = particles.draw_world(moving, STEPS, 300, STEPS)
    new, old = (colour_at(image, moving, (x, 0.0)) for x in (-0.05, -0.75))
    assert new < old < (255, 255, 255)
    without = particles.draw_world(moving, STEPS, 300, STEPS, trail=2)
    assert colour_at(without, moving, (-0.75, 0.0)) == (255, 255, 255)


def test_contacts_are_marked_where_they_count(moving):
    """Touching from step 10 on: 0.25 apart at least until then."""
    assert particles.touching(moving, 0, STEPS - 1).tolist() == [[False] * 2] * 2
    assert particles.touching(moving, 0, STEPS).tolist() == moving.counts.tolist()
    ignored = moving._replace(counts=np.zeros((2, 2), bool))
    assert not particles.touching(ignored, 0, STEPS).any()
    mark = ImageColor.getrgb(colours.VERMILLION)
    for drawn, time, expected in ((moving, STEPS, True), (moving, 5, False), (ignored, 10, False)):
        pixels = particles.draw_world(drawn, time, 300, time).getcolors(maxcolors=2**16)
        assert (mark in {colour for _, colour in pixels}) == expected


def test_goals_are_drawn_above_agents(moving):
    goals = moving._replace(solid=False, landmarks=np.array([[0.2, 0.0]]))
    image = particles.draw_world(goals, STEPS, 300, STEPS)
    assert colour_at(image, goals, (0.2, 0.0)) == ImageColor.getrgb(particles.GOAL)


def test_who_runs_far_away_is_drawn_at_the_edge(moving):
    positions = moving.positions.copy()
    positions[5, 0] = [-7.0, 0.0]
    far = moving._replace(positions=positions)
    assert particles.half_width(moving) == pytest.approx(particles.NARROWEST)
    assert particles.half_width(far) == particles.WIDEST
    image = particles.draw_world(far, 5, 300, 5, trail=0)
    at_edge = colour_at(image, far, (-particles.WIDEST + 0.1, 0.0))
    assert at_edge == ImageColor.getrgb(colours.POPULATIONS[0])


def test_everybody_of_a_large_team_can_be_seen(moving):
    """In a world a hundred times as wide bodies are drawn larger than they are."""
    wide = moving._replace(positions=100.0 * moving.positions, arena=100.0)
    image = particles.draw_world(wide, 5, 900, 5, trail=0)
    predator = ImageColor.getrgb(colours.POPULATIONS[0])
    pixels = np.array(image).reshape(-1, 3)
    assert (pixels == predator).all(axis=1).sum() > 0.5 * np.pi * particles.LEAST**2
    assert colour_at(image, wide, wide.positions[5, 0]) == predator


def test_pictures_of_large_worlds_are_larger(moving, tmp_path):
    for width, expected in ((1.0, 440), (8.0, 440), (12.0, 528), (100.0, 720)):
        wide = moving._replace(positions=width * moving.positions, arena=width)
        pictures.write_gif(wide, tmp_path / "e.gif", 5)
        with Image.open(tmp_path / "e.gif") as gif:
            assert gif.width == expected


def test_populations_and_contacts_have_colours_of_their_own():
    used = [*colours.POPULATIONS[:2], colours.VERMILLION, particles.GOAL, particles.OBSTACLE]
    assert len(set(used)) == len(used)


def test_gif(moving, tmp_path):
    path, again = tmp_path / "a.gif", tmp_path / "b.gif"
    pictures.write_gif(moving, path, every=3)
    pictures.write_gif(moving, again, every=3)
    assert path.read_bytes() == again.read_bytes()
    with Image.open(path) as gif:
        durations = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            durations.append(gif.info["duration"])
        assert gif.width == pictures.STYLE.gif_size
        shown = {colour for _, colour in gif.convert("RGB").getcolors(maxcolors=2**16)}
    in_use = [colours.VERMILLION, *colours.POPULATIONS[:2], particles.OBSTACLE, canvas.PAPER]
    assert {ImageColor.getrgb(colour) for colour in in_use} <= shown
    # Steps 0, 3, 6, 9 and the last one, 10.
    assert durations == [pictures.STYLE.milliseconds] * 4 + [pictures.STYLE.last_milliseconds]


def test_strip(moving, tmp_path):
    path = tmp_path / "strip.png"
    pictures.write_strip(moving, path)
    with Image.open(path) as strip:
        assert strip.width > len(pictures.STYLE.strip_moments) * pictures.STYLE.strip_size
        assert strip.width < 1700, "twice a README's width"


def test_a_long_caption_is_made_to_fit():
    text = "mean return: predators 100.0, prey -1000.0; contacts: 10000"
    assert canvas.font(40, text, 300).getlength(text) <= 300
    assert canvas.font(40).size == canvas.font(40, "short", 300).size
