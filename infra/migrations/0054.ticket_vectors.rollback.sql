DROP TABLE ticket_vectors;
