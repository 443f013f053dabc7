"""Plain Python that knows neither Flask nor SQL."""
