"""From run directories to figures, tables and one page, with the paper's numbers beside ours.

Data flows one way: records -> statistics -> tables, findings, figures -> page, README.
"""
