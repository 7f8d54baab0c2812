using Microsoft.Extensions.Configuration;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>A settings file with a password in it is for its owner alone.</summary>
internal static class SecretsInFiles
{
    /// <summary>Refuses a settings file that holds a secret and that others can read.</summary>
    /// <exception cref="SettingsException">Others can read it; the message names file and key.</exception>
    public static void Check(string path)
    {
        if (!File.Exists(path) || !SecretFile.IsOpenToOthers(path))
        {
            return;
        }

        IConfigurationRoot file = new ConfigurationBuilder().AddJsonFile(path, optional: false).Build();
        string[] secrets =
        [
            .. file.AsEnumerable()
                .Where(pair => !string.IsNullOrEmpty(pair.Value) && IsSecret(pair.Key, pair.Value))
                .Select(pair => $"settings file must be readable by its owner only (chmod 600), for {pair.Key} holds a secret; others can read {path}"),
        ];
        if (secrets.Length > 0)
        {
            throw new SettingsException(secrets);
        }
    }

    private static bool IsSecret(string key, string value) =>
        key.EndsWith(":Password", StringComparison.OrdinalIgnoreCase)
        || (key.Equals("Database:ConnectionString", StringComparison.OrdinalIgnoreCase) && DatabaseAddress.HasPassword(value));
}
