-- Prefect's own database, beside khotin's; run once, when the server's data folder is made.
CREATE DATABASE prefect OWNER khotin;
