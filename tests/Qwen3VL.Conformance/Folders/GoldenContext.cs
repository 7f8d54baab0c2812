using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Conformance.Folders;

/// <summary>What all folders share: options and tokenizers, each read once and when it is first needed. Owns a temporary folder.</summary>
internal sealed class GoldenContext : IDisposable
{
    private const string TokenizerFileName = "tokenizer.json";

    private readonly Lazy<BpeTokenizer> _tiny;
    private readonly Lazy<BpeTokenizer> _qwen;
    private readonly Lazy<string> _tinyModelFolder;
    private readonly List<string> _temporary = [];

    /// <summary>Creates one.</summary>
    public GoldenContext(ConformanceOptions options)
    {
        Options = options;
        _tiny = new Lazy<BpeTokenizer>(() => Load(options.TinyTokenizer, "--tiny-tokenizer"));
        _qwen = new Lazy<BpeTokenizer>(() => Load(
            options.QwenTokenizer ?? throw new FileNotFoundException("the released tokenizer must be given by --qwen-tokenizer or --reference; got neither"),
            "--qwen-tokenizer"));
        _tinyModelFolder = new Lazy<string>(FindTinyModel);
    }

    /// <summary>The command line.</summary>
    public ConformanceOptions Options { get; }

    /// <summary>The bundled model's tokenizer.</summary>
    /// <exception cref="FileNotFoundException">It is not where the options say.</exception>
    public BpeTokenizer TinyTokenizer => _tiny.Value;

    /// <summary>The checkpoint of <c>tiny/</c> with the tokenizer of <see cref="TinyTokenizer"/>.</summary>
    /// <exception cref="FileNotFoundException">The tokenizer is not where the options say.</exception>
    public string TinyModelFolder => _tinyModelFolder.Value;

    /// <summary>The released checkpoints' tokenizer.</summary>
    /// <exception cref="FileNotFoundException">It is not where the options say, or they name none.</exception>
    public BpeTokenizer QwenTokenizer => _qwen.Value;

    /// <summary>A backend of the threads asked for. The caller owns it.</summary>
    public CpuBackend CreateBackend() => new(new CpuBackendOptions { Threads = Options.Threads });

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (string folder in _temporary)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string TokenizerFile(string path, string option)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, TokenizerFileName) : path;
        return File.Exists(file) ? file : throw new FileNotFoundException($"{option} must name a {TokenizerFileName} or a folder with one; got '{path}'");
    }

    private string FindTinyModel()
    {
        string model = Options.TinyModel;
        string tokenizer = TokenizerFile(Options.TinyTokenizer, "--tiny-tokenizer");
        if (tokenizer == Path.Combine(model, TokenizerFileName))
        {
            return model;
        }

        string folder = CreateTemporary();
        foreach (string file in Directory.EnumerateFiles(model).Where(file => Path.GetFileName(file) != TokenizerFileName))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(file)), file);
        }

        File.Copy(tokenizer, Path.Combine(folder, TokenizerFileName));
        return folder;
    }

    private string CreateTemporary()
    {
        string folder = Directory.CreateTempSubdirectory("qwen3vl-conform-").FullName;
        _temporary.Add(folder);
        return folder;
    }

    private BpeTokenizer Load(string path, string option)
    {
        string file = TokenizerFile(path, option);
        if (Path.GetFileName(file) == TokenizerFileName)
        {
            return BpeTokenizer.Load(Path.GetDirectoryName(file) ?? "");
        }

        // The engine reads model folders: a file of another name is put into one.
        string folder = CreateTemporary();
        File.Copy(file, Path.Combine(folder, TokenizerFileName));
        return BpeTokenizer.Load(folder);
    }
}
