using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Contract.Serving;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Tokenization;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class RequestAdmissionTests
{
    private static readonly BpeTokenizer Tokenizer = BpeTokenizer.Load(RepositoryPaths.TinyModel);
    private static readonly GenerationRequest Request = TinyRequests.Text with { Constraint = new JsonSchemaConstraint("""{"const":1}""") };

    [Fact]
    public void Prepare_EndTokenOfAPaddingRow_ConstrainsWithTheOthers()
    {
        int end = GenerationConfig.Load(RepositoryPaths.TinyModel).EosTokenIds[0];
        ActiveGeneration generation = NewAdmission(end, Tokenizer.VocabularySize + 3).Prepare(Request, NewHandle(), () => { });
        generation.NextMask().ShouldNotBeNull().Count.ShouldBe(1);
        generation.Accept(Tokenizer.Encode("1", allowSpecial: false).ShouldHaveSingleItem());
        TokenMask mask = generation.NextMask().ShouldNotBeNull();
        mask.Contains(end).ShouldBeTrue();
        mask.Count.ShouldBe(1);
    }

    [Fact]
    public void Prepare_OnlyEndTokensOfPaddingRows_RefusesConstraints()
    {
        Should.Throw<InvalidRequestException>(() => NewAdmission(Tokenizer.VocabularySize).Prepare(Request, NewHandle(), () => { }))
            .Message.ShouldContain("got 0 end tokens");
    }

    private static LocalGeneration NewHandle() => new(1, Request.MaxOutputTokens + 1, _ => { });

    private static RequestAdmission NewAdmission(params int[] endTokenIds)
    {
        string folder = RepositoryPaths.TinyModel;
        var processor = new Qwen3VLProcessor(ProcessorConfig.Load(folder), ModelConfig.Load(folder), Tokenizer, ChatTemplate.Detect(folder));
        return new RequestAdmission(processor, Tokenizer, new StopRules(endTokenIds, false, -1, -1), BlockHash.Root("test"), maxSequenceTokens: 1000);
    }
}
