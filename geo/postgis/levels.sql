-- What the three levels of release (maps/release.py) may see of a shared store. Who may look through which view is in
-- roles.sql. A view reads with its owner's rights, so that nobody needs a right to the rows behind it; security_barrier
-- keeps the functions of whoever asks away from these rows.

CREATE SCHEMA diemnong_planner;
CREATE SCHEMA diemnong_public;

CREATE VIEW diemnong_public.communes WITH (security_barrier) AS
SELECT row_no, commune_code, vintage, name, district, area_km2, population, geometry_quality, geometry
FROM diemnong.communes;

CREATE VIEW diemnong_public.border WITH (security_barrier) AS
SELECT row_no, sector_id, neighbour, length_km, geometry_quality, geometry
FROM diemnong.border;

CREATE VIEW diemnong_planner.communes WITH (security_barrier) AS
SELECT row_no, commune_code, vintage, name, district, area_km2, population, women_children, border_km_laos,
       border_km_china, geometry_quality, geometry
FROM diemnong.communes;

CREATE VIEW diemnong_planner.border WITH (security_barrier) AS
SELECT row_no, sector_id, neighbour, length_km, geometry_quality, geometry
FROM diemnong.border;

CREATE VIEW diemnong_planner.covariates WITH (security_barrier) AS
SELECT commune_code, vintage, name, stat, value, missing, coverage, unit, data_kind
FROM diemnong.covariates;

-- Rows by commune and year: by the code that they bring, else by the commune around their point. A row that only names
-- its commune is placed by the program, not here: it counts without a commune. Links between reports of one case are
-- not looked at.
CREATE VIEW diemnong_planner.records WITH (security_barrier) AS
WITH records AS (
    SELECT 'cases' AS kind, date, commune_code, vintage, lon, lat, data_kind FROM diemnong.cases
    UNION ALL
    SELECT 'absences', reported_on, commune_code, vintage, lon, lat, data_kind FROM diemnong.absences
    UNION ALL
    SELECT 'outreach', date, commune_code, vintage, lon, lat, data_kind FROM diemnong.outreach
), placed AS (
    SELECT records.kind, extract(year FROM records.date)::integer AS year, records.data_kind,
           coalesce(records.commune_code, around.commune_code) AS commune_code,
           CASE WHEN records.commune_code IS NULL THEN around.vintage ELSE records.vintage END AS vintage
    FROM records
    LEFT JOIN LATERAL (
        SELECT communes.commune_code, communes.vintage
        FROM diemnong.communes
        WHERE records.commune_code IS NULL
          AND ST_Intersects(communes.geometry, ST_SetSRID(ST_MakePoint(records.lon, records.lat), 4326))
        ORDER BY communes.commune_code  -- a point on the line between two counts once
        LIMIT 1
    ) AS around ON true
)
SELECT kind, year, vintage, commune_code, data_kind, count(*) AS n
FROM placed
GROUP BY kind, year, vintage, commune_code, data_kind;
