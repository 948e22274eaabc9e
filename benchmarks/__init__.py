"""What a run costs, beside others who do such work: `python -m benchmarks`, see .github/docs/pages/speed.md."""
