"""MADDPG (Lowe et al. 2017): a centralized critic for each agent, decentralized actors."""
