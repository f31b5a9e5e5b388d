"""A company of any size, with planted truth: `python -m seeds.generator`."""
