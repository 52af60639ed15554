"""How this paper is reproduced: plan, runner, report; not installed with the library."""
