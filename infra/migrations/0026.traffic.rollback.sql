DROP TABLE idempotency_keys, rate_limits;
