DROP TABLE article_proposals, ratings;
