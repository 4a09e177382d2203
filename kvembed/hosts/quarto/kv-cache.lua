-- Quarto: the shortcode {{< kv-cache why-not-q prompt="The whale" step=4 >}}.
--
-- A page with scripts gets the site's own element with its picture inside, and a snapshot brings the
-- element's script and its recording along, so that no server is needed. Everything else, such as
-- a PDF, a Word file or an EPUB, gets the picture, and a link to the live view. The site is the one
-- that was named at installation, or another in the metadata of the document or the project:
--
--     kv-cache:
--       server: https://kv.example.org

local view = dofile(quarto.utils.resolve_path("view.lua"))

local SVG, PNG = "image/svg+xml", "image/png"
local PICTURES = { [SVG] = "poster.svg", [PNG] = "card.png" }
local silent = nil

--- What the site answers. A whole document waits once for a site that is silent.
local function ask(server, url, kind)
  if silent then
    return nil, silent
  end
  local done, found, contents = pcall(pandoc.mediabag.fetch, url)
  if not done then
    local status = tostring(found):match("statusCode = (%d+)")
    if status then
      return nil, server .. " answered " .. status
    end
    silent = server .. " does not answer"
    return nil, silent
  elseif not (found or ""):find(kind, 1, true) or contents:find('<div id="root">', 1, true) then
    -- An older site answers an address that it does not know with a page.
    return nil, server .. " answered with " .. (found or "nothing") .. ", which is not what was asked for"
  end
  return contents
end

--- The path of a file that was installed beside this one, and its bytes, if it is there.
local function installed(name)
  local path = quarto.utils.resolve_path(name)
  local file = io.open(path, "rb")
  if file then
    local contents = file:read("a")
    file:close()
    return path, contents
  end
end

--- The picture of a view: its address, its bytes, and what was wrong if it is not the asked one.
local function picture(asked, kind)
  local url = view.address(asked, PICTURES[kind])
  local contents, problem = ask(asked.server, url, kind)
  if contents then
    return url, contents
  end
  quarto.log.warning("kv-cache: " .. problem .. ": this view of " .. asked.page .. " is not drawn")
  if kind == SVG then
    return installed(view.picture(asked))
  end
end

local function attributes(pairs_in_order)
  local parts = {}
  for _, pair in ipairs(pairs_in_order) do
    table.insert(parts, (' %s="%s"'):format(pair[1], view.escape(pair[2])))
  end
  return table.concat(parts)
end

local function data_url(kind, contents)
  return "data:" .. kind .. ";base64," .. quarto.base64.encode(contents)
end

--- The picture in a link; in words where there is none.
local function fallback(asked)
  local _, contents = picture(asked, SVG)
  local text = view.describe(asked)
  local shown = view.escape(text)
  if contents then
    shown = "<img" .. attributes({ { "src", data_url(SVG, contents) }, { "alt", text } }) .. ">"
  end
  return "<a" .. attributes({ { "href", view.address(asked) } }) .. ">" .. shown .. "</a>"
end

--- The element with its picture inside, and a script in the head of the page, once.
local function element(asked, recording, dependency, script)
  quarto.doc.add_html_dependency({ name = dependency, version = tostring(view.version), head = script })
  local tag = attributes(view.attributes(asked)) .. attributes(recording)
  return pandoc.RawBlock("html", "<kv-cache" .. tag .. ">" .. fallback(asked) .. "</kv-cache>")
end

local function live(asked)
  local source = attributes({ { "src", asked.server .. "/embed.js" } })
  return element(asked, {}, "kv-cache", '<script type="module"' .. source .. "></script>")
end

local function recorded(asked)
  local contents, problem = ask(asked.server, view.address(asked, "snapshot"), "text/html")
  if not contents then
    quarto.log.warning("kv-cache: " .. problem .. ": a picture stands in for the snapshot")
    return pandoc.RawBlock("html", "<p>" .. fallback(asked) .. "</p>")
  end
  local _, script = installed("embed.js")
  local recording = { { "recording", data_url("text/html", contents) } }
  return element(asked, recording, "kv-cache-recorded", '<script type="module">' .. script .. "</script>")
end

local function still(asked)
  local vector = quarto.doc.is_format("epub") or quarto.doc.is_format("html")
  local source = picture(asked, vector and SVG or PNG)
  local text = view.describe(asked)
  local link = view.address(asked)
  local words = pandoc.Para({ pandoc.Link(view.open(asked) .. ": " .. text, link) })
  if not source then
    return pandoc.Blocks({ words })
  end
  return pandoc.Blocks({ pandoc.Para({ pandoc.Link({ pandoc.Image(text, source) }, link) }), words })
end

local function shortcode(args, kwargs, meta)
  local read, asked = pcall(view.read, args, kwargs, meta)
  if not read then
    local problem = "kv-cache: " .. (type(asked) == "table" and asked.problem or tostring(asked))
    quarto.log.warning(problem)
    return pandoc.Para({ pandoc.Strong({ pandoc.Str(problem) }) })
  elseif quarto.doc.is_format("html:js") then
    return asked.placement.mode == "snapshot" and recorded(asked) or live(asked)
  end
  return still(asked)
end

return { ["kv-cache"] = shortcode }
