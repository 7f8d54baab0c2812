using System.Text;

namespace Qwen3VL.Batch.Migrations;

/// <summary>A user to be made, or given a new password, with the rights of one of <see cref="DatabaseRoles"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">Whose rights it has.</param>
/// <param name="Password">Printable ASCII; only a verifier of it is sent to the server.</param>
public sealed record RoleLogin(string Name, string Role, string Password)
{
    // A record prints all its members.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("Name = ").Append(Name).Append(", Role = ").Append(Role);
        return true;
    }
}
