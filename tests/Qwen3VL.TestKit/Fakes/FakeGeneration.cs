using System.Runtime.CompilerServices;
using Qwen3VL.Engine;

namespace Qwen3VL.TestKit.Fakes;

/// <summary>A request of <see cref="FakeInferenceEngine"/>.</summary>
public sealed class FakeGeneration : IGeneration
{
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IReadOnlyList<SeenMedia> _media;

    public FakeGeneration(long requestId, FakeAnswer answer, IReadOnlyList<SeenMedia> media)
    {
        RequestId = requestId;
        _media = media;
        if (answer.Refused is not null)
        {
            _completion.SetException(answer.Refused);
        }
        else if (!answer.Hangs)
        {
            _completion.SetResult(Result(answer.Text, answer.FinishReason));
        }
    }

    public long RequestId { get; }

    public bool WasAborted { get; private set; }

    public Task<GenerationResult> Completion => _completion.Task;

    public async IAsyncEnumerable<string> ReadTextAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return (await Completion.WaitAsync(cancellationToken)).Text;
    }

    public async IAsyncEnumerable<GenerationPiece> ReadPiecesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new GenerationPiece((await Completion.WaitAsync(cancellationToken)).Text, []);
    }

    public void Abort()
    {
        WasAborted = true;
        _completion.TrySetResult(Result("", FinishReason.Aborted));
    }

    private GenerationResult Result(string text, FinishReason reason) =>
        new(text, "", [], reason, new GenerationUsage(10, 4, 3, 5, TimeSpan.FromMilliseconds(2)), _media);
}
