using Npgsql;

namespace Qwen3VL.Batch.Migrations;

/// <summary>Sets up roles and rights on the connection of a migration, which holds the migration lock.</summary>
internal sealed class RoleInstaller(NpgsqlConnection connection)
{
    /// <summary>Makes the groups, hands the schema over, gives rights, makes users.</summary>
    /// <exception cref="MigrationException">The user may not do that.</exception>
    public async Task InstallAsync(IReadOnlyList<RoleLogin> logins, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(RoleSql.Create, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(RoleSql.TakeOver, cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(RoleSql.Grant, cancellationToken).ConfigureAwait(false);
            foreach (RoleLogin login in logins)
            {
                await FormattedAsync(RoleSql.LoginStatement, [new("name", login.Name), new("verifier", ScramVerifier.Of(login.Password))], cancellationToken)
                    .ConfigureAwait(false);
                await FormattedAsync(RoleSql.MemberStatement, [new("role", login.Role), new("name", login.Name)], cancellationToken).ConfigureAwait(false);
            }
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new MigrationException(
                "roles must be made by a user who may (CREATEROLE, and owner of the database); this one may not: let an administrator run "
                + "qwen3vl-batch migrate --create-roles once",
                exception);
        }
    }

    /// <summary>Gives the rights again, for tables that a migration has made. Nothing happens when the schema was set up without roles.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (await IsSetUpAsync(cancellationToken).ConfigureAwait(false))
        {
            await ExecuteAsync(RoleSql.Grant, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes what follows belong to the schema's owner, when the schema was set up with roles.</summary>
    public async Task ActAsOwnerAsync(CancellationToken cancellationToken)
    {
        if (await IsSetUpAsync(cancellationToken).ConfigureAwait(false))
        {
            await ExecuteAsync(RoleSql.ActAsOwner, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Back to the user that connected.</summary>
    public Task ActAsSelfAsync(CancellationToken cancellationToken) => ExecuteAsync(RoleSql.ActAsSelf, cancellationToken);

    private async Task<bool> IsSetUpAsync(CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(RoleSql.IsSetUp, connection);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true;
    }

    private async Task ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task FormattedAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(parameters);
        string statement = (string?)await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) ?? "";
        await ExecuteAsync(statement, cancellationToken).ConfigureAwait(false);
    }
}
