namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Files that hold secrets. Messages name the file and the rule, never what is in it.</summary>
internal static class SecretFile
{
    // Where container engines put secrets: readable for everybody, and everybody there is the program.
    private const string ContainerSecrets = "/run/secrets/";

    private const UnixFileMode OfOthers = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The secret in a file: its first line.</summary>
    /// <param name="key">What named the file, for messages.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="SettingsException">There is no such file, others can read it, or it is empty.</exception>
    public static string Read(string key, string path)
    {
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
        {
            throw new SettingsException([$"{key} must name a file; there is none at {full}"]);
        }

        if (IsOpenToOthers(full))
        {
            throw new SettingsException([$"{key} must name a file that only its owner reads (chmod 600); others can read or change {full}"]);
        }

        string secret;
        try
        {
            using StreamReader file = new(full);
            secret = file.ReadLine() ?? "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{key} must name a file that this user can read; {full} cannot be read"]);
        }

        return secret.Length > 0 ? secret : throw new SettingsException([$"{key} must name a file with a password in its first line; {full} is empty"]);
    }

    /// <summary>Whether somebody but the owner may read or change a file.</summary>
    public static bool IsOpenToOthers(string path) =>
        !OperatingSystem.IsWindows() && !path.StartsWith(ContainerSecrets, StringComparison.Ordinal) && (File.GetUnixFileMode(path) & OfOthers) != 0;
}
