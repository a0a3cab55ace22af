DROP TABLE ticket_presence, uploads, jobs;
