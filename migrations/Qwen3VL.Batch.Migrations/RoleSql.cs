namespace Qwen3VL.Batch.Migrations;

/// <summary>Statements about roles and rights. Each may be repeated.</summary>
internal static class RoleSql
{
    /// <summary>Whether the schema belongs to the role of migrations: then it was set up with roles.</summary>
    public const string IsSetUp =
        $"""
        SELECT EXISTS (
          SELECT FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = 'vq' AND r.rolname = '{DatabaseRoles.Migrate}')
        """;

    /// <summary>What is made from here on belongs to the role of migrations.</summary>
    public const string ActAsOwner = $"SET ROLE {DatabaseRoles.Migrate}";

    /// <summary>Back to the user that connected.</summary>
    public const string ActAsSelf = "RESET ROLE";

    /// <summary>The groups, if they are not there; another database of the server may be making them at the same time.</summary>
    public const string Create =
        $"""
        DO $$
        DECLARE
          name text;
        BEGIN
          FOREACH name IN ARRAY ARRAY['{DatabaseRoles.Migrate}', '{DatabaseRoles.Worker}', '{DatabaseRoles.Read}'] LOOP
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
              BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
              EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
              END;
            END IF;
          END LOOP;
          IF NOT pg_has_role(current_user, '{DatabaseRoles.Migrate}', 'MEMBER') THEN
            EXECUTE format('GRANT {DatabaseRoles.Migrate} TO %I', current_user);
          END IF;
        END $$
        """;

    /// <summary>
    /// The schema and all that is in it goes to the role of migrations: functions that run as their owner, for example the one that makes
    /// partitions, then run without the rights of whoever migrated first.
    /// </summary>
    public const string TakeOver =
        $"""
        DO $$
        DECLARE
          thing text;
        BEGIN
          EXECUTE format('GRANT CREATE ON DATABASE %I TO {DatabaseRoles.Migrate}', current_database());
          GRANT USAGE, CREATE ON SCHEMA public TO {DatabaseRoles.Migrate};
          ALTER TABLE public.schema_migrations OWNER TO {DatabaseRoles.Migrate};
          ALTER SCHEMA vq OWNER TO {DatabaseRoles.Migrate};
          FOR thing IN SELECT c.oid::regclass FROM pg_class c
            WHERE c.relnamespace = 'vq'::regnamespace AND c.relkind IN ('r', 'p') AND c.relowner <> '{DatabaseRoles.Migrate}'::regrole LOOP
            EXECUTE format('ALTER TABLE %s OWNER TO {DatabaseRoles.Migrate}', thing);
          END LOOP;
          FOR thing IN SELECT p.oid::regprocedure FROM pg_proc p
            WHERE p.pronamespace = 'vq'::regnamespace AND p.proowner <> '{DatabaseRoles.Migrate}'::regrole LOOP
            EXECUTE format('ALTER ROUTINE %s OWNER TO {DatabaseRoles.Migrate}', thing);
          END LOOP;
        END $$
        """;

    /// <summary>
    /// The rights of both other roles, and none but these. Partitions are reached through their parents alone, whose rights count then: one
    /// that is made later needs none of its own. Results are inserted and never changed. A lock of a row takes the right to update it.
    /// </summary>
    public const string Grant =
        $"""
        REVOKE ALL ON ALL TABLES IN SCHEMA vq FROM {DatabaseRoles.Worker}, {DatabaseRoles.Read};
        REVOKE EXECUTE ON FUNCTION vq.ensure_partitions(int) FROM PUBLIC;
        GRANT USAGE ON SCHEMA vq TO {DatabaseRoles.Worker}, {DatabaseRoles.Read};
        GRANT SELECT ON ALL TABLES IN SCHEMA vq TO {DatabaseRoles.Worker}, {DatabaseRoles.Read};
        GRANT SELECT ON public.schema_migrations TO {DatabaseRoles.Worker}, {DatabaseRoles.Read};
        GRANT EXECUTE ON FUNCTION vq.ensure_partitions(int) TO {DatabaseRoles.Worker};
        GRANT INSERT ON vq.idempotency_keys, vq.rejections, vq.jobs, vq.work, vq.chunks, vq.chunk_attempts, vq.job_stages, vq.workers, vq.pages,
          vq.captions, vq.boxes, vq.segments, vq.summary_parts, vq.parse_issues, vq.job_outputs, vq.usage_records, vq.outbox, vq.inbox,
          vq.dead_letters, vq.dead_letter_audit TO {DatabaseRoles.Worker};
        GRANT UPDATE ON vq.jobs, vq.work, vq.chunks, vq.job_stages, vq.workers, vq.outbox, vq.dead_letters TO {DatabaseRoles.Worker};
        GRANT DELETE ON vq.work, vq.workers, vq.outbox, vq.idempotency_keys, vq.rejections, vq.inbox, vq.dead_letters TO {DatabaseRoles.Worker};
        """;

    /// <summary>The statement that makes a user, or gives one that is there a new password; names and verifier are quoted by the server.</summary>
    public const string LoginStatement =
        """
        SELECT format(CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = @name)
          THEN 'ALTER ROLE %I LOGIN PASSWORD %L' ELSE 'CREATE ROLE %I LOGIN PASSWORD %L' END, @name, @verifier)
        """;

    /// <summary>The statement that gives a user the rights of a role.</summary>
    public const string MemberStatement = "SELECT format('GRANT %I TO %I', @role, @name)";
}
