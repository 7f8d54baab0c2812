using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Qwen3VL.Batch.Migrations;

/// <summary>One step of the schema.</summary>
internal sealed partial record MigrationScript
{
    private const string NoTransactionMark = "-- no-transaction";

    private MigrationScript(int version, string name, string sql)
    {
        Version = version;
        Name = name;
        Sql = sql;
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
        InTransaction = !sql.StartsWith(NoTransactionMark, StringComparison.Ordinal);
    }

    /// <summary>From 1, without gaps.</summary>
    public int Version { get; }

    /// <summary>What the file name says after the number.</summary>
    public string Name { get; }

    /// <summary>The statements.</summary>
    public string Sql { get; }

    /// <summary>Lower-case hex SHA-256 of the statements with LF line ends.</summary>
    public string Sha256 { get; }

    /// <summary>False when the first line says <c>-- no-transaction</c>: then the script holds one statement that refuses a transaction.</summary>
    public bool InTransaction { get; }

    /// <summary>Reads a script from its file name, <c>0001_name.sql</c>, and content.</summary>
    /// <exception cref="MigrationException">The name is not of that form.</exception>
    public static MigrationScript Parse(string fileName, string sql)
    {
        Match match = FileName().Match(fileName);
        return match.Success
            ? new MigrationScript(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value, sql.ReplaceLineEndings("\n"))
            : throw new MigrationException($"migration script name must be 0000_lower_case.sql; got {fileName}");
    }

    /// <summary>The scripts that are part of this assembly, in order.</summary>
    public static IReadOnlyList<MigrationScript> Embedded()
    {
        var scripts = new List<MigrationScript>();
        foreach (string name in typeof(MigrationScript).Assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)))
        {
            using Stream stream = typeof(MigrationScript).Assembly.GetManifestResourceStream(name)
                ?? throw new MigrationException($"migration script must be in the assembly; got none named {name}");
            using var reader = new StreamReader(stream, Encoding.UTF8);
            scripts.Add(Parse(name, reader.ReadToEnd()));
        }

        return InOrder(scripts);
    }

    /// <summary>Puts scripts in order.</summary>
    /// <exception cref="MigrationException">A version is missing or there twice.</exception>
    public static IReadOnlyList<MigrationScript> InOrder(IEnumerable<MigrationScript> scripts)
    {
        MigrationScript[] ordered = [.. scripts.OrderBy(script => script.Version)];
        for (int index = 0; index < ordered.Length; index++)
        {
            if (ordered[index].Version != index + 1)
            {
                throw new MigrationException($"migration versions must count from 1 without gaps; got {ordered[index].Version} at place {index + 1}");
            }
        }

        return ordered;
    }

    [GeneratedRegex("^([0-9]{4})_([a-z0-9_]+)\\.sql$", RegexOptions.CultureInvariant)]
    private static partial Regex FileName();
}
