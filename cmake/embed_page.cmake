# cmake -D FOLDER=... -D OUTPUT=... -P embed_page.cmake: makes one page of page.html, style.css and the scripts (in the
# order of their names), as a source with a function that returns it.
file(READ ${FOLDER}/page.html page)
file(READ ${FOLDER}/style.css style)
file(GLOB scripts ${FOLDER}/*.js)
list(SORT scripts COMPARE NATURAL)
set(script "")
foreach(file IN LISTS scripts)
  file(READ ${file} text)
  string(APPEND script "${text}\n")
endforeach()
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")

# Literals in pieces: compilers need not take longer ones than 65536 characters.
set(literals "")
string(LENGTH "${page}" length)
set(at 0)
while(at LESS length)
  string(SUBSTRING "${page}" ${at} 12000 piece)
  string(APPEND literals "\n  page += R\"page(${piece})page\";")
  math(EXPR at "${at} + 12000")
endwhile()
file(WRITE ${OUTPUT} "#include <string>

std::string edit_page() {
  std::string page;${literals}
  return page;
}
")
