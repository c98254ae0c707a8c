-- A ledger as the first release wrote it: `sqlite3 ledger.sqlite3 .dump`.
BEGIN TRANSACTION;
CREATE TABLE change (
	version INTEGER NOT NULL,
	slot TEXT NOT NULL,
	old_sha256 TEXT,
	new_sha256 TEXT,
	PRIMARY KEY (version, slot),
	FOREIGN KEY(version) REFERENCES version (number),
	FOREIGN KEY(old_sha256) REFERENCES file (sha256),
	FOREIGN KEY(new_sha256) REFERENCES file (sha256)
)
 STRICT

;
INSERT INTO "change" VALUES(1,'assignments/wards/incidents/police_uk/west-mercia/2025-01',NULL,'0d38667e1251c2da1e1fd1f0f253a464a14118e26f05390d5e50d42da3913b2d');
INSERT INTO "change" VALUES(1,'boundaries/wards',NULL,'b5152667c0e28010eec7b042d4bbdfd8c1c46305ebc539dac1556398646d9711');
INSERT INTO "change" VALUES(1,'incidents/police_uk/west-mercia/2025-01',NULL,'4162b6a92350986211ee58c8a1a09ac44acf99e5abf72397093a3677136d7da9');
INSERT INTO "change" VALUES(2,'assignments/wards/incidents/police_uk/west-mercia/2025-01','0d38667e1251c2da1e1fd1f0f253a464a14118e26f05390d5e50d42da3913b2d',NULL);
INSERT INTO "change" VALUES(2,'incidents/police_uk/west-mercia/2025-01','4162b6a92350986211ee58c8a1a09ac44acf99e5abf72397093a3677136d7da9','477b3363a05e52fca2aea58ce796c423dc6f7d22a3cd14b3804ca55c53c3f0a9');
INSERT INTO "change" VALUES(2,'incidents/police_uk/west-mercia/2025-02',NULL,'406bc7b43bcc183e4d9fb8743cdcd90cd7359f0751dd330ff2b87c174de7b4b4');
INSERT INTO "change" VALUES(3,'incidents/police_uk/west-mercia/2025-02','406bc7b43bcc183e4d9fb8743cdcd90cd7359f0751dd330ff2b87c174de7b4b4',NULL);
CREATE TABLE event (
	id INTEGER NOT NULL,
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	actor TEXT NOT NULL,
	what TEXT NOT NULL,
	detail TEXT NOT NULL,
	version INTEGER,
	PRIMARY KEY (id),
	FOREIGN KEY(version) REFERENCES version (number)
)
 STRICT

;
INSERT INTO "event" VALUES(1,'2025-11-01T09:00:00+00:00','import incidents','analyst','version 1: assignments/wards/incidents/police_uk/west-mercia/2025-01, boundaries/wards, incidents/police_uk/west-mercia/2025-01','{"files": ["incidents/police_uk/west-mercia/2025-01"], "ort": "Brücke"}',1);
INSERT INTO "event" VALUES(2,'2025-11-01T09:01:00+00:00','view','analyst','zone 1','{"n": 1}',NULL);
INSERT INTO "event" VALUES(3,'2025-11-01T09:03:00+00:00','import incidents','analyst','version 2: assignments/wards/incidents/police_uk/west-mercia/2025-01, incidents/police_uk/west-mercia/2025-01, incidents/police_uk/west-mercia/2025-02','{"files": ["incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"], "ort": "Brücke"}',2);
INSERT INTO "event" VALUES(7,'2025-11-01T09:04:00+00:00','undo','analyst','version 3: incidents/police_uk/west-mercia/2025-02','{"only": "2025-02", "undone": 2}',3);
CREATE TABLE file (
	sha256 TEXT NOT NULL,
	kind TEXT NOT NULL,
	bytes INTEGER NOT NULL,
	rows INTEGER NOT NULL,
	first_month INTEGER,
	last_month INTEGER,
	of_incidents TEXT,
	of_boundaries TEXT,
	PRIMARY KEY (sha256)
)
 STRICT

;
INSERT INTO "file" VALUES('0d38667e1251c2da1e1fd1f0f253a464a14118e26f05390d5e50d42da3913b2d','assignments',1052,5,NULL,NULL,'4162b6a92350986211ee58c8a1a09ac44acf99e5abf72397093a3677136d7da9','b5152667c0e28010eec7b042d4bbdfd8c1c46305ebc539dac1556398646d9711');
INSERT INTO "file" VALUES('b5152667c0e28010eec7b042d4bbdfd8c1c46305ebc539dac1556398646d9711','boundaries',2767,3,NULL,NULL,NULL,NULL);
INSERT INTO "file" VALUES('4162b6a92350986211ee58c8a1a09ac44acf99e5abf72397093a3677136d7da9','incidents',6672,5,24300,24300,NULL,NULL);
INSERT INTO "file" VALUES('477b3363a05e52fca2aea58ce796c423dc6f7d22a3cd14b3804ca55c53c3f0a9','incidents',3554,0,NULL,NULL,NULL,NULL);
INSERT INTO "file" VALUES('406bc7b43bcc183e4d9fb8743cdcd90cd7359f0751dd330ff2b87c174de7b4b4','incidents',6645,5,24301,24301,NULL,NULL);
CREATE TABLE layout (
	number INTEGER NOT NULL,
	PRIMARY KEY (number)
)
 STRICT

;
INSERT INTO "layout" VALUES(1);
CREATE TABLE run (
	number INTEGER NOT NULL,
	id TEXT NOT NULL,
	payload TEXT NOT NULL,
	version INTEGER NOT NULL,
	at TEXT NOT NULL,
	PRIMARY KEY (number),
	UNIQUE (id)
)
 STRICT

;
INSERT INTO "run" VALUES(1,'a','{"zones": 1}',1,'2025-11-01T09:02:00+00:00');
INSERT INTO "run" VALUES(2,'b','{"zones": []}',3,'2025-11-01T09:05:00+00:00');
CREATE TABLE version (
	number INTEGER NOT NULL,
	at TEXT NOT NULL,
	act TEXT NOT NULL,
	actor TEXT NOT NULL,
	detail TEXT NOT NULL,
	PRIMARY KEY (number)
)
 STRICT

;
INSERT INTO "version" VALUES(1,'2025-11-01T09:00:00+00:00','import incidents','analyst','{"files": ["incidents/police_uk/west-mercia/2025-01"], "ort": "Brücke"}');
INSERT INTO "version" VALUES(2,'2025-11-01T09:03:00+00:00','import incidents','analyst','{"files": ["incidents/police_uk/west-mercia/2025-01", "incidents/police_uk/west-mercia/2025-02"], "ort": "Brücke"}');
INSERT INTO "version" VALUES(3,'2025-11-01T09:04:00+00:00','undo','analyst','{"only": "2025-02", "undone": 2}');
CREATE INDEX change_by_slot ON change (slot, version);
COMMIT;
