"""Pictures of an episode of a policy: an animated GIF and a strip of moments."""

from pathlib import Path
from typing import NamedTuple

from dimapg_tf.experiment.policies import Policy


class Pictures(NamedTuple):
    """Where the pictures of an episode are, and what the last one says."""

    gif: Path
    strip: Path
    caption: str


def draw(policy: Policy, seed: int, title: str, output: Path, every: int) -> Pictures:
    """Play an episode and draw it.

    Args:
      seed: of the episode; no training seed draws it.
      title: what the pictures say of who plays.
      output: a directory; made if it is not there.
      every: time steps between frames of the GIF.

    Raises:
      ConfigurationError: there are no pictures of the environment.
    """
    draw_episode = _draw_game if policy.env.spec.name == "survival" else _draw_world
    pictures = Pictures(output / "episode.gif", output / "episode.png", "")
    return pictures._replace(caption=draw_episode(policy, seed, title, pictures, every))


def _draw_world(policy: Policy, seed: int, title: str, pictures: Pictures, every: int) -> str:
    """An episode of a particle world; returns the caption of its end."""
    from dimapg_tf.drawing.pictures import write_gif, write_strip
    from dimapg_tf.experiment import recording

    episode = recording.record(policy, seed, title)
    pictures.gif.parent.mkdir(parents=True, exist_ok=True)
    write_gif(episode, pictures.gif, every)
    write_strip(episode, pictures.strip)
    return episode.captions[-1]


def _draw_game(policy: Policy, seed: int, title: str, pictures: Pictures, every: int) -> str:
    """A game of Survival (Fig. 5, 6); returns the caption of its end."""
    from dimapg_tf.drawing.survival import write_gif, write_strip
    from dimapg_tf.experiment import survival_recording

    film = survival_recording.record(policy.env, policy.thetas, seed, f"Survival, {title}")
    pictures.gif.parent.mkdir(parents=True, exist_ok=True)
    write_gif(film, pictures.gif, every)
    write_strip(film, pictures.strip)
    return film.frames[-1].caption
