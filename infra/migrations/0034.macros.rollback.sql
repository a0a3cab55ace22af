DROP TABLE canned_replies, macros;
