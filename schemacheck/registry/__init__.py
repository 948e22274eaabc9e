"""A Confluent-compatible schema registry: asked as a baseline, published to, compared with what git says."""
