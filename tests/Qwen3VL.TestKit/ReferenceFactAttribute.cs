using Xunit;

namespace Qwen3VL.TestKit;

/// <summary>A test that needs a side file of a released checkpoint; skipped, with the reason, where the file is not at hand.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReferenceFactAttribute : FactAttribute
{
    /// <summary>Skips unless <see cref="ReferenceFiles"/> finds the file.</summary>
    public ReferenceFactAttribute(string relativePath)
    {
        RelativePath = relativePath;
        if (ReferenceFiles.Find(relativePath) is null)
        {
            Skip = $"needs {relativePath} of a released checkpoint: set {ReferenceFiles.Variable} to a folder that holds it";
        }
    }

    /// <summary>The file, relative to the reference folder.</summary>
    public string RelativePath { get; }
}
