DROP TABLE user_identities, oidc_attempts, identity_providers;
