"""DiMA-PG shares out blocks of agents to workers."""

from dimapg_tf.algorithm.settings import Settings
from dimapg_tf.experiment.cluster_use import ClusterUse


def refusal(settings: Settings) -> str:
    """Why there is nothing to share out, or ""."""
    if settings.block_agents is None:
        return "block_agents = none: workers share blocks of agents; --block_agents=2 makes them"
    return ""


def gather() -> None:
    """Wait for the workers; learners that are made afterwards let them work."""
    from dimapg_tf.distributed import cluster

    cluster.connect()


CLUSTER_USE = ClusterUse(refusal, gather)
