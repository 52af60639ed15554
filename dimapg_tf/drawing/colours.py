"""The colours of Okabe and Ito (2008), which colour-blind people can tell apart."""

BLACK = "#000000"
ORANGE = "#E69F00"
SKY_BLUE = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"

# Populations in the order of an environment's spec.
POPULATIONS = (BLUE, ORANGE, GREEN, PURPLE)
