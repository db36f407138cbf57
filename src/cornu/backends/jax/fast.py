FAST: dict = {}
