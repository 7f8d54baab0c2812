using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Qwen3VL.Batch.Migrations;

/// <summary>
/// What PostgreSQL stores of a password with <c>scram-sha-256</c> (RFC 5802 and 7677; the form is that of the server's pg_authid). Computed
/// here, the password itself never reaches the server, its log or its statistics.
/// </summary>
internal static class ScramVerifier
{
    // PostgreSQL's own count and salt length.
    private const int Iterations = 4_096;
    private const int SaltBytes = 16;

    /// <summary>A verifier with a new salt.</summary>
    /// <exception cref="ArgumentException">The password is empty or has other characters than printable ASCII, which would need SASLprep.</exception>
    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltBytes));

    /// <summary>A verifier with a given salt.</summary>
    internal static string Of(string password, byte[] salt)
    {
        if (password.Length == 0 || password.Any(character => character is < ' ' or > '~'))
        {
            throw new ArgumentException("a password must be printable ASCII and not empty", nameof(password));
        }

        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        byte[] storedKey = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        byte[] serverKey = HMACSHA256.HashData(salted, "Server Key"u8);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(storedKey)}:{Convert.ToBase64String(serverKey)}");
    }
}
