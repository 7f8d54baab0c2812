namespace Qwen3VL.Engine.Backends;

/// <summary>
/// The fused operations that the model is written in. Every result is a new tensor of the innermost scope unless the method says that it
/// writes in place. A row's result never depends on its neighbours in the batch. All sizes are checked; a mismatch throws
/// <see cref="ArgumentException"/> with the operation and both shapes.
/// </summary>
public interface IKernels
{
    /// <summary>Rows of <paramref name="table"/> <c>[vocabulary, hidden]</c> -> <c>[tokens, hidden]</c>.</summary>
    DeviceTensor Embed(Weight table, ReadOnlySpan<int> tokenIds);

    /// <summary><c>x [n, in] * weight^T [out, in] + bias [out]</c> -> <c>[n, out]</c>.</summary>
    DeviceTensor Linear(DeviceTensor x, Weight weight, Weight? bias = null);

    /// <summary>
    /// <c>x * rsqrt(mean(x^2) + eps) * weight</c> over groups of <c>weight.Columns</c> values; the columns of x are a multiple of it, so the
    /// same kernel serves whole rows and single heads. Statistics in at least 32-bit floats.
    /// </summary>
    DeviceTensor RmsNorm(DeviceTensor x, Weight weight, float epsilon);

    /// <summary><c>(x - mean) * rsqrt(variance + eps) * weight + bias</c> over each row.</summary>
    DeviceTensor LayerNorm(DeviceTensor x, Weight weight, Weight bias, float epsilon);

    /// <summary><c>silu(gate) * up</c>, element by element.</summary>
    DeviceTensor SiluMul(DeviceTensor gate, DeviceTensor up);

    /// <summary>
    /// The feed-forward block of a mixture of experts, as one operation so that a device needs no word of the host in between: each row of
    /// <paramref name="x"/> <c>[n, hidden]</c> goes through the <paramref name="topK"/> experts of its highest logits, the lowest index first
    /// among equal ones, and the results are summed in ascending order of experts with the softmax of the chosen logits as weights -> <c>[n,
    /// hidden]</c>. That is the softmax over all experts in at least 32-bit floats, cut to the highest and scaled to a sum of one
    /// (huggingface/transformers v4.57.6, modeling_qwen3_vl_moe.py, Qwen3VLMoeTextSparseMoeBlock). A logit that is NaN makes its row NaN.
    /// </summary>
    /// <param name="x"><c>[n, hidden]</c>.</param>
    /// <param name="routerLogits"><c>[n, experts]</c>.</param>
    /// <param name="experts">One matrix of each kind for every expert.</param>
    /// <param name="topK">Experts of a row: 1 to their number.</param>
    DeviceTensor MixtureOfExperts(DeviceTensor x, DeviceTensor routerLogits, ExpertWeights experts, int topK);

    /// <summary>GELU of each value.</summary>
    DeviceTensor Gelu(DeviceTensor x, GeluKind kind);

    /// <summary><c>a + b</c>, same shapes.</summary>
    DeviceTensor Add(DeviceTensor a, DeviceTensor b);

    /// <summary>
    /// NeoX rotation of each head: <c>out[j] = x[j] cos - x[j+d/2] sin</c>, <c>out[j+d/2] = x[j+d/2] cos + x[j] sin</c>, with
    /// <paramref name="cos"/> and <paramref name="sin"/> <c>[n, headDim / 2]</c>. x is <c>[n, heads * headDim]</c>.
    /// </summary>
    DeviceTensor Rotate(DeviceTensor x, DeviceTensor cos, DeviceTensor sin, int headDim);

    /// <summary>Writes <c>k, v [n, kvHeads * headDim]</c> to the slots of one layer, in place.</summary>
    void WriteKv(KvCache cache, int layer, DeviceTensor k, DeviceTensor v, ReadOnlySpan<int> slots);

    /// <summary>Causal attention of <c>q [n, heads * headDim]</c> over the paged keys and values of one layer -> same shape as q.</summary>
    DeviceTensor PagedAttention(DeviceTensor q, KvCache cache, int layer, AttentionBatch batch, float scale);

    /// <summary>
    /// Bidirectional attention inside segments: <c>q, k, v [n, heads * headDim]</c>, segment i is rows
    /// <c>[segmentStarts[i], segmentStarts[i+1])</c> -> same shape as q. Never holds a whole score matrix of a segment.
    /// </summary>
    DeviceTensor SegmentAttention(DeviceTensor q, DeviceTensor k, DeviceTensor v, ReadOnlySpan<int> segmentStarts, int headDim, float scale);

    /// <summary>Columns <c>[first, first + count)</c> of x.</summary>
    DeviceTensor SliceColumns(DeviceTensor x, int first, int count);

    /// <summary>The same values as another shape of the same length.</summary>
    DeviceTensor Reshape(DeviceTensor x, int rows, int columns);

    /// <summary>Rows of x by index -> <c>[rows.Length, columns]</c>.</summary>
    DeviceTensor GatherRows(DeviceTensor x, ReadOnlySpan<int> rows);

    /// <summary>Replaces rows <c>[first, first + count)</c> of <paramref name="target"/> by rows of <paramref name="source"/>, in place.</summary>
    void SetRows(DeviceTensor target, int first, DeviceTensor source, int firstSource, int count);

    /// <summary>Adds rows of <paramref name="source"/> to rows <c>[first, first + count)</c> of <paramref name="target"/>, in place.</summary>
    void AddRows(DeviceTensor target, int first, DeviceTensor source, int firstSource, int count);
}
