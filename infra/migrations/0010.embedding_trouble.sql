-- What stopped the filling of a second index, for a human to read.
-- depends: 0009.ledger

ALTER TABLE spare_indexes ADD COLUMN trouble text;
