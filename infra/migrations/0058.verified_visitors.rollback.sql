DROP TABLE visitor_identities, visitor_keys;
