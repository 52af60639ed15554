"""What the paper reports: Khan et al. 2018, section 5. Figures 3 and 4 have no numbers in print."""

from reproduction.tasks import NAVIGATION_3, NAVIGATION_10, SURVIVAL_230, SURVIVAL_630

SEEDS = 5  # caption of Fig. 3: "5 independent runs for each algorithm with different seeds"

USING_THETA, USING_THETA_N, FINE_TUNE = "Using θ", "Using θₙ", "Fine tune"
# Table 1: "Min. reward across all agents after training (avg. over 100 episodes)".
TABLE_1 = {
    NAVIGATION_3: {USING_THETA: -34.8, USING_THETA_N: -37.19, FINE_TUNE: -44.17},
    NAVIGATION_10: {USING_THETA: -8.0, USING_THETA_N: -8.5, FINE_TUNE: -56.3},
}

FOOD_LEFT, SURVIVORS, AVERAGE, INITIAL = (
    *("Food left", "Survivors", "Average reward", "Initial average reward"),
)
# Table 2 and its caption.
TABLE_2 = {
    SURVIVAL_230: {FOOD_LEFT: 0.0, SURVIVORS: 227.0, AVERAGE: 946.0, INITIAL: -1530.0},
    SURVIVAL_630: {FOOD_LEFT: 0.0, SURVIVORS: 490.0, AVERAGE: 674.0, INITIAL: -3800.0},
}
