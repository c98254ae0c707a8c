"""Who comes in: local accounts, sessions, API keys and sign-in through an organisation."""
