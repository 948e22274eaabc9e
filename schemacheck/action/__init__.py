"""The GitHub Action: one run of the gate, told everywhere before the step fails. `python -m schemacheck.action`.

Beside `schemacheck.cli` the only package that prints.
"""
